import { pages } from './rows/pages.mjs';
import { testRows } from './run-rows.mjs';

testRows(pages);
