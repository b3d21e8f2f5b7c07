import { testFamily } from './suite.mjs';

testFamily('exaone4');
