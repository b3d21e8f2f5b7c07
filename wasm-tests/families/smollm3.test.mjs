import { testFamily } from './suite.mjs';

testFamily('smollm3');
