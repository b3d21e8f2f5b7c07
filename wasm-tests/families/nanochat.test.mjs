import { testFamily } from './suite.mjs';

testFamily('nanochat');
