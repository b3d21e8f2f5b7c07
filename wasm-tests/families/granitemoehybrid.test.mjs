import { testFamily } from './suite.mjs';

testFamily('granitemoehybrid');
