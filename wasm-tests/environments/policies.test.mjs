import { policies } from './rows/policies.mjs';
import { testRows } from './run-rows.mjs';

testRows(policies);
