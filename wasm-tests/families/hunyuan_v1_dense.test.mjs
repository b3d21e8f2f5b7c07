import { testFamily } from './suite.mjs';

testFamily('hunyuan_v1_dense');
