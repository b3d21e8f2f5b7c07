import { testFamily } from './suite.mjs';

testFamily('gpt_neox');
