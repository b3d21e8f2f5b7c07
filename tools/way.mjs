// node tools/way.mjs: the way of one generate() through the compiled modules, so that a change of it can be seen: the files of
// ours that a prompt enters, and the files, calls of functions and crossings into WebAssembly that each further token costs.
//
// Files and calls are V8's own counts (precise coverage, which node:inspector gives to the process itself), over the files
// of build/web/ but for other people's libraries and Emscripten's glue. A token's share is a generation of 80 tokens less one of
// 40, by 40: what a prompt costs falls away. Crossings are calls from JavaScript into the module, counted where all pass:
// WebAssembly.instantiate() gives the glue its exports, and its table of functions, through which Embind calls, with each
// function wrapped. Each has the name of the binding that it is made for, which is the name of Embind's function on the stack.
import './setup.mjs';
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { main, UserError } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';

const PROMPT = 'Once upon a time';
const FEWER = 40;
const MORE = 80;

/** What is called for fewer of the tokens is not a token's: what happens at the border of a page, or of a character. */
const LEAST_SHARE = 0.5;

const web = pathToFileURL(`${inRepository('build/web')}/`).href;
const glue = `${web}wasm/`;
const isOurs = (url) => url.startsWith(web) && !/^(?:vendor|wasm)\//.test(url.slice(web.length));

/** The binding that a wrapped function is called for: the outermost of the frames of the glue that are on the stack's top. */
function bindingName() {
  const frames = new Error('').stack.split('\n').slice(3);
  const end = frames.findIndex((frame) => !frame.includes(glue));
  const names = frames.slice(0, end < 0 ? undefined : end).map((frame) => /^\s*at (\S+) \(/.exec(frame)?.[1]);
  return names.findLast((name) => name !== undefined) ?? 'unnamed';
}

/** Counts calls into the modules that are instantiated from now on, by binding. */
function countCrossings() {
  const counts = new Map();
  const wrapped = new Map();
  const wrap = (wasmFunction) => {
    if (wasmFunction === null) return null;
    if (!wrapped.has(wasmFunction)) {
      wrapped.set(wasmFunction, (...args) => {
        const name = bindingName();
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return wasmFunction(...args);
      });
    }
    return wrapped.get(wasmFunction);
  };
  const wrapExport = (value) => {
    if (typeof value === 'function') return wrap(value);
    if (value instanceof WebAssembly.Table) return { get: (index) => wrap(value.get(index)) };
    return value;
  };
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    const result = await instantiate.apply(WebAssembly, args);
    if (!(result instanceof WebAssembly.Instance)) return result; // of bytes: a probe
    const exports = Object.entries(result.exports).map(([name, value]) => [name, wrapExport(value)]);
    return { exports: Object.fromEntries(exports) };
  };
  return counts;
}

/** How often each function of ours was called since the last time: { 'file function': count } by V8's coverage. */
async function takeCalls(profiler) {
  const { result } = await profiler.post('Profiler.takePreciseCoverage');
  const calls = new Map();
  for (const { url, functions } of result) {
    if (!isOurs(url)) continue;
    for (const { functionName, ranges } of functions) {
      const [{ count, startOffset }] = ranges;
      if (count === 0) continue;
      const key = `${url.slice(web.length)} ${functionName || 'unnamed'} ${startOffset}`;
      calls.set(key, (calls.get(key) ?? 0) + count);
    }
  }
  return calls;
}

/** What each key has more in `more`, for one of the tokens between. */
const perToken = (more, fewer) =>
  new Map(
    [...more]
      .map(([key, count]) => [key, (count - (fewer.get(key) ?? 0)) / (MORE - FEWER)])
      .filter(([, n]) => n > 0),
  );

const sum = (counts) => [...counts.values()].reduce((total, count) => total + count, 0);

/** Sums up by file. */
function byFile(calls) {
  const files = new Map();
  for (const [key, count] of calls) {
    const [file] = key.split(' ');
    files.set(file, (files.get(file) ?? 0) + count);
  }
  return files;
}

/**
 * Measures a generation with the embedded model.
 *
 * @returns {Promise<{ promptFiles: string[], tokenFiles: [string, number][], nTokenFunctions: number, tokenCalls: number,
 *   crossings: [string, number][] }>} paths in build/web/; with what is a token's, how often it is called, the most often first
 */
export async function measureWay() {
  const crossings = countCrossings();
  const { LanguageModel } = await import(`${web}index.js`);
  const model = await LanguageModel.load(inRepository('demo/models/tiny-stories'), {
    worker: false,
    threads: 1,
    variant: 'simd',
    prefixCache: 0,
  });
  const profiler = new Session();
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

  const generate = async (maxNewTokens) => {
    await takeCalls(profiler);
    crossings.clear();
    const generation = model.generate(PROMPT, { maxNewTokens, seed: 7 });
    for await (const _ of generation);
    const found = { calls: await takeCalls(profiler), crossings: new Map(crossings) };
    const { finishReason } = await generation.result;
    if (finishReason !== 'length') throw new UserError(`the text ends before its tokens: ${finishReason}`);
    return found;
  };
  await generate(MORE); // what happens once in a model's life
  const fewer = await generate(FEWER);
  const more = await generate(MORE);
  profiler.disconnect();
  await model.dispose();

  const tokenCalls = perToken(more.calls, fewer.calls);
  const often = (counts) =>
    [...counts].filter(([, count]) => count >= LEAST_SHARE).sort((a, b) => b[1] - a[1]);
  return {
    promptFiles: [...byFile(fewer.calls).keys()].sort(),
    tokenFiles: often(byFile(tokenCalls)),
    nTokenFunctions: often(tokenCalls).length,
    tokenCalls: sum(tokenCalls),
    crossings: often(perToken(more.crossings, fewer.crossings)),
  };
}

function print({ promptFiles, tokenFiles, nTokenFunctions, tokenCalls, crossings }) {
  const row = (what, value) => console.log(`${what.padEnd(40)}${value}`);
  const list = (counts) => {
    for (const [name, count] of counts) console.log(`  ${count.toFixed(2).padStart(7)}  ${name}`);
  };
  row('files that a prompt enters', promptFiles.length);
  row('files that a token enters', tokenFiles.length);
  row('functions that a token enters', nTokenFunctions);
  row('calls a token', tokenCalls.toFixed(1));
  row('crossings into WebAssembly a token', sum(new Map(crossings)).toFixed(1));
  console.log('\nA prompt enters');
  for (const file of promptFiles) console.log(`  ${file}`);
  console.log('\nA token enters, calls each');
  list(tokenFiles);
  console.log('\nCrossings a token, by binding');
  list(crossings);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(async () => print(await measureWay()));
