import { testFamily } from './suite.mjs';

testFamily('mamba2');
