// Runs in the page: what the ways to decode cost and gain, in tokens a second through the public API.
import { LanguageModel } from '/sotto/index.js';
import { PERIOD } from './copyist.js';
import { takeTurns } from './pairs.js';
import { prompt } from './prompts.js';

const NEW_TOKENS = 96;
const BATCHES = [2, 4, 8, 16];
const CHAIN = {
  repetitionPenalty: 1.1,
  frequencyPenalty: 0.2,
  presencePenalty: 0.2,
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
};

/** Tokens a second behind the first ones, of all prompts together. */
async function speed(model, prompts, options, maxNewTokens = NEW_TOKENS) {
  const generations = model.generateBatch(prompts, { maxNewTokens, seed: 1, ...options });
  const results = await Promise.all(generations.map(({ result }) => result));
  if (results.some(({ finishReason }) => finishReason !== 'length')) throw new Error('a text ended early');
  const decodeMs = Math.max(...results.map(({ timings }) => timings.decodeMs));
  const tokens = results.reduce((sum, { usage }) => sum + usage.completionTokens - 1, 0);
  return (1000 * tokens) / decodeMs;
}

function measureChain(model) {
  const way = (options) => () => speed(model, [prompt(64)], options);
  return takeTurns(9, { greedy: way({ temperature: 0 }), chain: way(CHAIN) });
}

function measureBatches(model) {
  const way = (n) => () =>
    speed(
      model,
      Array.from({ length: n }, (_, i) => prompt(32, i)),
      { temperature: 0 },
      48,
    );
  return takeTurns(7, Object.fromEntries([1, ...BATCHES].map((n) => [n, way(n)])));
}

/** Texts of which prompt lookup can make much, nothing, and too much: the greedy random model repeats words, not phrases. */
async function measureLookup(model) {
  const passage = prompt(PERIOD);
  const copying = { logitsProcessor: new URL('copyist.js', import.meta.url) };
  const tasks = {
    copying: [[...passage, ...passage], { ...copying, temperature: 0 }],
    'copying, sampled': [[...passage, ...passage], { ...copying, temperature: 1 }],
    misleading: [[...passage, ...passage, ...passage], { temperature: 0 }],
    'not repeating, sampled': [prompt(96), { temperature: 1 }],
  };
  const found = {};
  for (const [name, [ids, options]] of Object.entries(tasks)) {
    const way = (more) => () => speed(model, [ids], { ...options, ...more }, 2 * NEW_TOKENS);
    found[name] = await takeTurns(11, { plain: way({}), lookup: way({ promptLookup: {} }) });
  }
  return found;
}

function measureSearches(model) {
  const way = (options) => async () => {
    const { timings } = await model.generate(prompt(64), { maxNewTokens: 32, ...options }).result;
    return timings.tokensPerSecond;
  };
  return takeTurns(3, {
    greedy: way({ temperature: 0 }),
    'beams, 4': way({ numBeams: 4 }),
    'contrastive, 4': way({ penaltyAlpha: 0.6, topK: 4 }),
  });
}

/** @param {{ weights: string, threads: number, only?: string }} options `only`: one of the measurements */
export async function measureDecoding({ only, ...options }) {
  const model = await LanguageModel.load('/model/', { ...options, prefixCache: 0 });
  const measurements = {
    chain: measureChain,
    batches: measureBatches,
    lookup: measureLookup,
    searches: measureSearches,
  };
  const found = { weightBytes: model.info.weightBytes };
  for (const [name, measure] of Object.entries(measurements)) {
    if (only === undefined || only === name) found[name] = await measure(model);
  }
  await model.dispose();
  return found;
}
