// npm run bench: GPT-2 124M in Chromium, kernels alone and whole tokens side by side, between its peers where they are
// here (bench/peers.mjs). Options: --rounds N (3), --only 'q8 2' (the runs whose name has these words), --record
// (appends the tables to bench/results.md).
import { execFile, execFileSync } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { inRepository } from '../tools/lib/folders.mjs';
import { measureDecoding, measureGeneration, measureKernels, measureSessions } from './chromium.mjs';
import { decodingTable } from './decoding-table.mjs';
import { PEERS, peersModel } from './peers.mjs';
import { makeRandomGpt2 } from './random-gpt2.mjs';
import { measureSampling } from './sampling.mjs';
import { figuresTable, runsTable } from './tables.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    record: { type: 'boolean', default: false },
  },
});

const folder = peersModel?.folder ?? (await makeRandomGpt2(inRepository('build/bench/gpt2')));
const ids = peersModel?.ids ?? {};

/** Everything that a round measures, by name, in the order in which it is measured: ours between the others'. */
function* jobs() {
  for (const threads of [1, 2]) {
    for (const weights of ['q8', 'q4']) {
      yield [`kernels ${weights} ${threads}`, () => measureKernels(folder, { weights, threads })];
      yield [`sotto ${weights} ${threads}`, () => measureGeneration(folder, { weights, threads, ids })];
      const native = `llama.cpp ${weights}_0`;
      if (PEERS) yield [`${native} ${threads}`, () => PEERS[native](threads)];
    }
    if (!PEERS) continue;
    yield [`transformers.js q8 ${threads}`, () => PEERS['transformers.js q8'](threads)];
    yield [`wllama q8_0 ${threads}`, () => PEERS['wllama q8_0'](threads)];
  }
  yield ['sotto f32 1', () => measureGeneration(folder, { weights: 'f32', threads: 1, ids })];
  yield* decodingJobs();
  yield ['contention', measureContention];
}

/** Ways to decode, and sessions: they take turns within themselves, so that one round in a process is enough. */
function* decodingJobs() {
  yield ['sampling chains', measureSampling];
  for (const threads of [1, 2]) {
    yield [`decoding q8 ${threads}`, () => measureDecoding(folder, { weights: 'q8', threads })];
    yield [`sessions q8 ${threads}`, () => measureSessions(folder, { weights: 'q8', threads })];
  }
}

async function measureContention() {
  const script = inRepository('bench/contention.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder]);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const gzipped = async (name) =>
  gzipSync(await readFile(inRepository('dist/wasm', name)), { level: 9 }).length;

/** Of the largest variant, in bytes. */
async function shippedBytes() {
  const variants = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];
  const sizes = variants.map(async (name) => (await gzipped(`${name}.wasm`)) + (await gzipped(`${name}.js`)));
  return Math.max(...(await Promise.all(sizes)));
}

const words = values.only.split(/\s+/).filter(Boolean);
const rounds = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  const results = {};
  for (const [name, measure] of jobs()) {
    if (!words.every((word) => name.split(' ').includes(word))) continue;
    results[name] = await measure();
    console.error(`round ${round}: ${name}`);
  }
  rounds.push(results);
}

const tables = [runsTable(rounds), decodingTable(rounds)].filter((table) => table !== null);
if (words.length === 0) tables.push(figuresTable(rounds, await shippedBytes()));
console.log(tables.join('\n\n'));
if (values.record) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} x ${cpus()[0].model}, Chromium, Node ${process.versions.node}`;
  const head = `## ${date}, commit ${commit}\n${machine}; medians of ${rounds.length} rounds.`;
  await appendFile(inRepository('bench/results.md'), `\n${head}\n\n${tables.join('\n\n')}\n`);
}
