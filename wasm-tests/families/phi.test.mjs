import { testFamily } from './suite.mjs';

testFamily('phi');
