import { testFamily } from './suite.mjs';

testFamily('qwen2');
