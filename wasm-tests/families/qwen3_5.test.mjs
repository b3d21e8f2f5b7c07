import { testFamily } from './suite.mjs';

testFamily('qwen3_5');
