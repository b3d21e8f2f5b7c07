// Runs in the page: one model, measured through the public API from load to memory. Times are of the page's own clock,
// tokens when their pieces arrive there.
import { LanguageModel } from '/sotto/index.js';

const seconds = () => performance.now() / 1000;
const NEW_TOKENS = 128;
const CONTEXTS = [64, 900]; // tokens in the cache around which decoding is measured, beside the plain run
const STEPS = 32;

/** Tokens that no pattern repeats, of every vocabulary here. */
const prompt = (length) => Array.from({ length }, (_, i) => (i * 7919 + 11) % 49_000);

async function generate(model, ids, maxNewTokens) {
  const stamps = [];
  const start = seconds();
  const generation = model.generate(ids, {
    maxNewTokens,
    temperature: 0,
    onToken: () => stamps.push(seconds()),
  });
  const { finishReason } = await generation.result;
  if (finishReason !== 'length') throw new Error(`ended by ${finishReason} after ${stamps.length} tokens`);
  return { firstToken: stamps[0] - start, perSecond: (stamps.length - 1) / (stamps.at(-1) - stamps[0]) };
}

let model;

/**
 * @param {{ weights: string, threads: number, ids?: Record<string, number[]>, file?: string }} options `ids`: prompts by their
 *   lengths; `file`: of the model's folder, where the model is one
 */
export async function measureGeneration({ weights, threads, ids = {}, file = '' }) {
  const begin = seconds();
  model = await LanguageModel.load(`/model/${file}`, { weights, threads, prefixCache: 0 });
  const loadSeconds = seconds() - begin;
  const idsOf = (length) => ids[length] ?? prompt(length);
  await generate(model, idsOf(16), 8); // the compiler settles
  const prefill = {};
  for (const length of [16, 128, 512]) prefill[length] = (await generate(model, idsOf(length), 1)).firstToken;
  const decode = (await generate(model, idsOf(16), NEW_TOKENS)).perSecond;
  const { variant, variantReason, weightBytes } = model.info;
  const memory = await model.memory();
  return { loadSeconds, prefill, decode, variant, variantReason, weightBytes, memory };
}

/** Tokens a second around some lengths of context, of the same model, which it disposes. */
export async function measureContexts() {
  const atContext = {};
  for (const context of CONTEXTS) {
    atContext[context] = (await generate(model, prompt(context - STEPS / 2), STEPS + 1)).perSecond;
  }
  await model.dispose();
  return atContext;
}
