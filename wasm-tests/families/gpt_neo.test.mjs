import { testFamily } from './suite.mjs';

testFamily('gpt_neo');
