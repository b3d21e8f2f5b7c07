import { testFamily } from './suite.mjs';

testFamily('gpt2');
