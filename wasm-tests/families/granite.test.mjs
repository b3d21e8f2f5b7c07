import { testFamily } from './suite.mjs';

testFamily('granite');
