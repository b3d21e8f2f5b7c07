import { testFamily } from './suite.mjs';

testFamily('ernie4_5');
