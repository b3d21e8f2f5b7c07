import { testFamily } from './suite.mjs';

testFamily('lfm2');
