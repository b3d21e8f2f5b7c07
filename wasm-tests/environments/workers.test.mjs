import { workers } from './rows/workers.mjs';
import { testRows } from './run-rows.mjs';

testRows(workers);
