import { testFamily } from './suite.mjs';

testFamily('mistral');
