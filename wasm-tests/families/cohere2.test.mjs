import { testFamily } from './suite.mjs';

testFamily('cohere2');
