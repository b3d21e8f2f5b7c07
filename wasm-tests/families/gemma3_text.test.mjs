import { testFamily } from './suite.mjs';

testFamily('gemma3_text');
