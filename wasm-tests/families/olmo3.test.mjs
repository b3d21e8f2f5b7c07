import { testFamily } from './suite.mjs';

testFamily('olmo3');
