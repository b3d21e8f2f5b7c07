// npm run bench: a model in Chromium, kernels alone and whole tokens side by side, between its peers where they are here
// (bench/peers.mjs). Options: --model NAME (gpt2; the others stand in bench/random-model.mjs), --rounds N (3), --only 'q8 2'
// (the runs whose name has these words, and none with a '-' before it), --record (appends the tables to bench/results.md).
import { execFile, execFileSync } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { main, UserError } from '../tools/lib/console.mjs';
import { inRepository } from '../tools/lib/folders.mjs';
import {
  measureDecoding,
  measureGeneration,
  measureKernels,
  measureLoading,
  measureLongTexts,
  measureNamed,
  measureSessions,
} from './chromium.mjs';
import { DECODING_FIGURES } from './decoding-figures.mjs';
import {
  DECODER_FIGURES,
  GGUF_FIGURES,
  GPT2_FIGURES,
  NAMED_FIGURES,
  PRODUCT_FIGURES,
  RECURRENT_FIGURES,
} from './figures.mjs';
import { isRecurrent } from './model-shape.mjs';
import { peersGguf, peersModel, peersOf } from './peers.mjs';
import { CONFIGS, makeRandomModel } from './random-model.mjs';
import { measureSampling } from './sampling.mjs';
import { figuresTable, runsTable } from './tables.mjs';

/** Everything that a round measures, by name, in the order in which it is measured: ours between the others'. */
function* jobs(name, { folder, ids }) {
  const peers = peersOf(name) ?? {};
  const browserPeers =
    name === 'gpt2' ? ['transformers.js q8', 'wllama q8_0'] : ['wllama q8_0', 'wllama q4_0'];
  for (const threads of [1, 2]) {
    for (const weights of ['q8', 'q4']) {
      yield [`kernels ${weights} ${threads}`, () => measureKernels(folder, { weights, threads })];
      yield [`sotto ${weights} ${threads}`, () => measureGeneration(folder, { weights, threads, ids })];
      const native = peers[`llama.cpp ${weights}_0`];
      if (native) yield [`llama.cpp ${weights}_0 ${threads}`, () => native(threads)];
    }
    for (const weights of ['q4_k', 'q5_k', 'q6_k']) {
      yield [`kernels ${weights} ${threads}`, () => measureKernels(folder, { weights, threads })];
    }
    for (const peer of browserPeers) {
      if (peers[peer]) yield [`${peer} ${threads}`, () => peers[peer](threads)];
    }
    yield* ggufJobs(name, folder, { threads, ids, peers });
  }
  yield ['named q8 2', () => measureNamed(folder, { weights: 'q8', threads: 2 })];
  if (isRecurrent(CONFIGS[name])) yield* recurrentJobs(folder);
  if (name !== 'gpt2') return;
  yield ['sotto f32 1', () => measureGeneration(folder, { weights: 'f32', threads: 1, ids })];
  yield* decodingJobs(folder);
  yield ['contention', () => measureContention(folder)];
  yield ['shipped', async () => ({ bytes: await shippedBytes() })];
}

/** The same GGUF files in sotto and its peers; how long fetching one takes, alone and with the loading. */
function* ggufJobs(name, folder, { threads, ids, peers }) {
  for (const dtype of ['q8_0', 'q4_k_m']) {
    const file = peersGguf(name, dtype);
    if (file === null) continue;
    const options = { weights: 'auto', threads, ids, file };
    yield [`sotto gguf ${dtype} ${threads}`, () => measureGeneration(folder, options)];
    for (const peer of ['llama.cpp', 'wllama']) {
      yield [`${peer} gguf ${dtype} ${threads}`, () => peers[`${peer} ${dtype}`](threads)];
    }
    yield [`load gguf ${dtype} ${threads}`, () => measureLoading(folder, { threads, file })];
  }
}

/** Ways to decode, and sessions: they take turns within themselves, so that one round in a process is enough. */
function* decodingJobs(folder) {
  yield ['sampling chains', measureSampling];
  for (const threads of [1, 2]) {
    yield [`decoding q8 ${threads}`, () => measureDecoding(folder, { weights: 'q8', threads })];
    yield [`sessions q8 ${threads}`, () => measureSessions(folder, { weights: 'q8', threads })];
  }
}

/** Texts of thousands of tokens where layers keep a state; turns within themselves, too. */
function* recurrentJobs(folder) {
  const options = { weights: 'q8', threads: 2 };
  yield ['long q8 2', () => measureLongTexts(folder, 'measureContexts', options)];
  yield ['edited q8 2', () => measureLongTexts(folder, 'measureEdits', options)];
}

async function measureContention(folder) {
  const script = inRepository('bench/contention.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder]);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const gzipped = async (name) =>
  gzipSync(await readFile(inRepository('dist/wasm', name)), { level: 9 }).length;

/** Of the largest variant's binary, in bytes. */
async function shippedBytes() {
  const variants = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];
  const sizes = variants.map((name) => gzipped(`${name}.wasm`));
  return Math.max(...(await Promise.all(sizes)));
}

/** What a peer cannot do has no figures; what sotto cannot do ends the run. */
function unlessPeer(job, error) {
  if (!/^(?:wllama|transformers\.js|llama\.cpp) /.test(job)) throw error;
  console.error(`${job} failed: ${error.message}`);
  return { prefill: {} };
}

/** `-word`: has it not. */
function hasWord(job, word) {
  const words = job.split(' ');
  return word.startsWith('-') ? !words.includes(word.slice(1)) : words.includes(word);
}

async function measureRounds(name, count, words) {
  const model = peersModel(name) ?? {
    folder: await makeRandomModel(name, inRepository('build/bench', name)),
    ids: {},
  };
  const rounds = [];
  for (let round = 1; round <= count; round++) {
    const results = {};
    for (const [job, measure] of jobs(name, model)) {
      if (!words.every((word) => hasWord(job, word))) continue;
      results[job] = await measure().catch((error) => unlessPeer(job, error));
      console.error(`round ${round}: ${job}`);
    }
    rounds.push(results);
  }
  return rounds;
}

async function record(name, rounds, tables) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} x ${cpus()[0].model}, Chromium, Node ${process.versions.node}`;
  const head = `## ${date}, commit ${commit}: ${name}\n${machine}; medians of ${rounds.length} rounds.`;
  await appendFile(inRepository('bench/results.md'), `\n${head}\n\n${tables.join('\n\n')}\n`);
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'gpt2' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      record: { type: 'boolean', default: false },
    },
  });
  const name = values.model;
  if (!Object.hasOwn(CONFIGS, name))
    throw new UserError(`--model ${name}: one of ${Object.keys(CONFIGS).join(', ')}`);
  const rounds = await measureRounds(name, Number(values.rounds), values.only.split(/\s+/).filter(Boolean));
  const figures = name === 'gpt2' ? [DECODING_FIGURES, GPT2_FIGURES] : [DECODER_FIGURES];
  figures.push(PRODUCT_FIGURES, GGUF_FIGURES, NAMED_FIGURES, RECURRENT_FIGURES);
  const all = [runsTable(rounds), ...figures.map((list) => figuresTable(rounds, list))];
  const tables = all.filter((table) => table !== null);
  console.log(tables.join('\n\n'));
  if (values.record) await record(name, rounds, tables);
});
