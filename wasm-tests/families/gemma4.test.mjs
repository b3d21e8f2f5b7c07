import { testFamily } from './suite.mjs';

testFamily('gemma4');
