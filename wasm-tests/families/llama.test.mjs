import { testFamily } from './suite.mjs';

testFamily('llama');
