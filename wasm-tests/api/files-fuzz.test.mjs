// Files of models with anything in any place: a model that works, or an error that says what is wrong, and in which file.
// `FUZZ_SEED` and `FUZZ_CASES` make longer runs; `FUZZ_CASE` repeats a single one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel, SottoError } from 'sotto';
import { makeFile } from '../formats/make-safetensors.mjs';
import { HEADER, makeFolders, VOCABULARY } from './fuzzed-files.mjs';
import { takeApart } from './make-weights.mjs';
import { Mutator } from './mutate.mjs';
import { Random } from './session-reference.mjs';
import { assertStillWorks, load, storiesPath } from './support.mjs';
import { refuseUnhandledRejections } from './unhandled.mjs';
import { settle, startWatchdog } from './watchdog.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const N_CASES = Number(process.env.FUZZ_CASES ?? 500);
const MOST_MS = 20_000;
const MOST_LETTERS = 1000;
const INDEX = 'model.safetensors.index.json';

/** What may be wrong with a file. */
const OF_FILES = [
  'bad-file',
  'bad-config',
  'unsupported-model',
  'unsupported-tokenizer',
  'bad-tensor',
  'missing-tensor',
  'file-not-found',
];
/** What may become of a good call to a model that loaded: of the memory, or of the text where tokens have no meaning. */
const OF_CALLS = [
  'out-of-memory',
  'empty-prompt',
  'bad-token',
  'prompt-too-long',
  'bad-file',
  'unsupported-tokenizer',
];

refuseUnhandledRejections();

/** Weights whose header is changed. */
function withHeader(bytes, mutator) {
  const { header, data } = takeApart(bytes);
  return makeFile(mutator.mutated(header), data);
}

/** A folder with one file of it changed, sometimes two: `{ files, changed, what }`. */
function changedFolder(folder, random) {
  const files = { ...folder.files };
  const changed = new Set();
  const shown = [];
  for (let left = random.pick([1, 1, 1, 1, 2]); left > 0; left--) {
    const weights = Object.keys(files).filter((name) => name.endsWith('.safetensors'));
    const name = random.pick([
      ...Object.keys(folder.json),
      ...Object.keys(folder.json),
      random.pick(weights),
    ]);
    const mutator = new Mutator(random, VOCABULARY[name]);
    const isText = name.endsWith('.json') && random.next() < 0.85;
    if (isText) files[name] = new TextEncoder().encode(mutator.mutated(folder.json[name]));
    else if (name.endsWith('.json') || random.next() < 0.5) files[name] = mutator.broken(files[name]);
    else files[name] = withHeader(folder.files[name], new Mutator(random, HEADER));
    changed.add(name);
    const text = new TextDecoder().decode(files[name].slice(0, 3000));
    shown.push(`${name} (${isText ? 'changed' : 'broken'}): ${text}`);
  }
  return { files, changed, what: `${folder.name}, ${shown.join('\n')}` };
}

/** That an error of a folder is one of sotto's, and blames a file that was changed. */
function assertTrue(error, { changed, files }, label) {
  assert.ok(error instanceof SottoError, `not a SottoError: ${error?.stack ?? error}\n  ${label}`);
  const { code, message } = error;
  const told = `${code}: ${message.slice(0, 3000)}\n  ${label}`;
  assert.ok([...OF_FILES, 'out-of-memory'].includes(code), told);
  assert.ok(message.length <= MOST_LETTERS, `${message.length} letters: ${told}`);
  assert.doesNotMatch(
    message.replace(/not valid JSON: .*/s, ''),
    /undefined|\[object|TypeError|RangeError|SyntaxError/,
    told,
  );
  assert.ok(isWellFormed(message), told);
  if (code === 'out-of-memory') return;
  const names = [...new Set([...Object.keys(files), INDEX])].filter((name) => isNamed(message, name));
  const isBlamed = [...changed].some((name) => names.includes(name));
  // Of a tensor that does not fit, nobody knows whether the config is wrong or the weights.
  const isOfWeights = /^(?:the weights|tensor) |its weights hold/.test(message);
  assert.ok(isBlamed || isOfWeights, `blames ${names.join(' and ') || 'no file'}: ${told}`);
  const innocent = names.filter((name) => !changed.has(name));
  if (changed.size === 1 && innocent.length > 0)
    assert.match(
      message,
      /do not belong together|is no token of tokenizer.json|config.json must say so|vocab_size of config.json/,
      `blames ${innocent}, too: ${told}`,
    );
}

function isNamed(message, name) {
  return message.split(/[^\w.-]+/).some((word) => word.replace(/[.:]+$/, '') === name);
}

function isWellFormed(text) {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

/** Calls of all kinds to a model that loaded. */
function callsOf(model, random) {
  const { vocabSize, hasTokenizer, nLayers } = model.info;
  const ids = random.ids(random.integer(1, 4), vocabSize);
  const brief = { maxNewTokens: 3, maxTime: 1500 };
  const text = random.pick(['a', 'the world', ' <s>é\n', "don't 12 日"]);
  const prompt = hasTokenizer && random.next() < 0.5 ? text : ids;
  const session = async (run) => {
    const opened = await model.createSession();
    await opened.append(ids);
    await run(opened);
    await opened.dispose();
  };
  const calls = {
    'generate with the defaults': () => model.generate(prompt, { maxTime: 300 }).result,
    'generate a little': () => model.generate(prompt, brief).result,
    'generate greedily': () => model.generate(ids, { ...brief, temperature: 0, logprobs: 1 }).result,
    'generate a batch': () =>
      Promise.all(model.generateBatch([ids, prompt], brief).map(({ result }) => result)),
    beams: () => model.generate(ids, { ...brief, numBeams: 2 }).result,
    score: () => model.score(prompt),
    'a session': () => session((opened) => opened.generate(brief).result),
    'a session saved': () =>
      session(async (opened) => (await model.restoreSession(await opened.save())).logits()),
    taps: () => session((opened) => Promise.all([opened.tap(['hidden']), opened.truncate(0)])),
    kv: () => session((opened) => opened.kv(random.integer(0, nLayers - 1)).catch(noKeys)),
    decode: () => model.decode(random.ids(20, vocabSize)),
    encode: () => model.encode(text),
  };
  if (!hasTokenizer) {
    delete calls.decode;
    delete calls.encode;
  }
  return Object.entries(calls).filter(() => random.next() < 0.35);
}

function noKeys(error) {
  if (error.code !== 'bad-option' || !/has no keys/.test(error.message)) throw error;
}

const counts = { work: 0, refused: 0, slowest: 0 };
const byCode = {};

async function runCase(folder, random, label, says) {
  const made = changedFolder(folder, random);
  const what = `${label}: ${made.what}`;
  const begin = performance.now();
  says(what);
  const options = {
    worker: random.next() < 0.01,
    memoryLimit: 2 ** 28,
    weights: random.pick(['f32', 'q8', 'auto']),
  };
  const { value: model, error } = await settle(what, () => LanguageModel.load(made.files, options));
  if (error !== undefined) {
    assertTrue(error, made, what);
    counts.refused++;
    byCode[error.code] = (byCode[error.code] ?? 0) + 1;
  } else {
    counts.work++;
    structuredClone(model.info);
    for (const notice of model.info.notices)
      assert.ok(notice.length <= MOST_LETTERS && isWellFormed(notice), `${notice}\n  ${what}`);
    for (const [name, call] of callsOf(model, random)) {
      says(`${name}; ${what}`);
      const outcome = await settle(`${name}; ${what}`, call);
      if (outcome.error === undefined) continue;
      const told = `${name}: ${outcome.error?.stack ?? outcome.error}\n  ${what}`;
      assert.ok(outcome.error instanceof SottoError, told);
      assert.ok(OF_CALLS.includes(outcome.error.code), `${outcome.error.code} from ${told}`);
      assert.ok(outcome.error.message.length <= MOST_LETTERS && isWellFormed(outcome.error.message), told);
      byCode[`a call: ${outcome.error.code}`] = (byCode[`a call: ${outcome.error.code}`] ?? 0) + 1;
      if (OF_FILES.includes(outcome.error.code)) assertTrue(outcome.error, made, told);
    }
    await model.dispose();
  }
  counts.slowest = Math.max(counts.slowest, performance.now() - begin);
}

test('a model of changed files works, or its error says what is wrong', async (t) => {
  const folders = makeFolders(new Random(1));
  const says = startWatchdog(t, MOST_MS);
  const problems = [];
  const only = process.env.FUZZ_CASE === undefined ? null : Number(process.env.FUZZ_CASE);
  for (let i = only ?? 0; i < (only === null ? N_CASES : only + 1); i++) {
    const random = new Random(SEED * 1_000_003 + i);
    for (let j = 0; j < 8; j++) random.next(); // neighbouring seeds begin alike
    const folder = random.pick([
      ...folders,
      ...folders.slice(0, 4),
      ...folders.slice(0, 4),
      ...folders.slice(0, 4),
    ]);
    try {
      await runCase(folder, random, `seed ${SEED}, case ${i}`, says);
    } catch (error) {
      problems.push(error);
      if (process.env.FUZZ_CASES === undefined) throw error;
    }
  }
  t.diagnostic(JSON.stringify({ ...counts, ...byCode }));
  for (const { message } of problems) console.error(`PROBLEM ${message.slice(0, 1500)}`);
  assert.equal(problems.length, 0);
  assert.ok(
    only !== null || (counts.work > N_CASES / 10 && counts.refused > N_CASES / 10),
    JSON.stringify(counts),
  );
  assert.equal({}.polluted, undefined);
  says('the model afterwards');
  await assertStillWorks(await load(t, storiesPath));
});
