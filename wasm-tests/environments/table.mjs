// The environment table: one row for each place where sotto is built or runs. The tests beside this file run every row,
// and docs/support.md is made from it (tools/support.mjs).
import { bundlers } from './rows/bundlers.mjs';
import { pages } from './rows/pages.mjs';
import { policies } from './rows/policies.mjs';
import { runtimes } from './rows/runtimes.mjs';
import { workers } from './rows/workers.mjs';

/** @type {Record<string, import('./harness.mjs').Row[]>} by the heading that they stand under */
export const TABLE = {
  Bundlers: bundlers,
  'Pages without a bundler': pages,
  'Content-Security-Policy': policies,
  'Service workers and extensions': workers,
  'Runtimes without a page': runtimes,
};
