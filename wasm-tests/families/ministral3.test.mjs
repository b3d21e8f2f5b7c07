import { testFamily } from './suite.mjs';

testFamily('ministral3');
