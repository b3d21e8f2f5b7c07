import { testFamily } from './suite.mjs';

testFamily('stablelm');
