import { testFamily } from './suite.mjs';

testFamily('gemma3n');
