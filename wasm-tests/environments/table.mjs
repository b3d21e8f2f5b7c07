import { bundlers } from './rows/bundlers.mjs';
import { pages } from './rows/pages.mjs';
import { policies } from './rows/policies.mjs';
import { runtimes } from './rows/runtimes.mjs';

export const ROWS = [...bundlers, ...pages, ...policies, ...runtimes];
