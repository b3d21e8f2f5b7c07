import { bundlers } from './rows/bundlers.mjs';
import { testRows } from './run-rows.mjs';

testRows(bundlers);
