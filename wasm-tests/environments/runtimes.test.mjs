import { runtimes } from './rows/runtimes.mjs';
import { testRows } from './run-rows.mjs';

testRows(runtimes);
