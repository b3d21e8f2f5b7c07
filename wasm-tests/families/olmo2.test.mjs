import { testFamily } from './suite.mjs';

testFamily('olmo2');
