import { testFamily } from './suite.mjs';

testFamily('falcon_h1');
