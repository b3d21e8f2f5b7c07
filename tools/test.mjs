// npm test, after the build: every wasm-tests/**/*.test.mjs with Node's test runner. `npm test -- kernels api/queue` runs
// the files whose path has one of these words.
import './setup.mjs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { main, UserError } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';

/** What stands on nothing else comes first; the slow browser comes last. */
const FIRST = ['project', 'base', 'kernels'];
const LAST = ['api', 'worker', 'browser'];

/** Test files at a time: two use both cores of a small machine, and more would disturb those that measure time. */
const CONCURRENCY = 2;

/** A file that takes longer hangs: the slowest, clang-tidy over everything, takes seven minutes on a quiet machine. */
const MOST_MS_PER_FILE = 1_800_000;

function rank(path) {
  const folder = path.split('/')[0];
  if (FIRST.includes(folder)) return FIRST.indexOf(folder);
  return LAST.includes(folder) ? 100 + LAST.indexOf(folder) : 50;
}

await main(async () => {
  const words = process.argv.slice(2);
  const files = (await readdir(inRepository('wasm-tests'), { recursive: true }))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.test.mjs'))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  if (files.length === 0) throw new UserError(`No test file's path has ${words.join(' or ')} in it.`);
  // What tests load by name or URL is not kept among the user's own models.
  process.env.SOTTO_CACHE = await mkdtemp(join(tmpdir(), 'sotto-models-'));
  const tests = run({
    files: files.map((path) => inRepository('wasm-tests', path)),
    concurrency: CONCURRENCY,
    timeout: MOST_MS_PER_FILE,
  });
  tests.on('test:fail', () => {
    process.exitCode = 1;
  });
  tests.on('end', () => rm(process.env.SOTTO_CACHE, { recursive: true, force: true }));
  tests.compose(spec).pipe(process.stdout);
});
