// Whole tokens against the matrix products alone, in one process, turn by turn. Prints one line of JSON.
//   node bench/generation.mjs MODEL_FOLDER [--products-first]
// What a process allocates first may lie in slower memory (more scattered pages), by 15 % where this was written: so
// run.mjs alternates which of the two comes first.
import { LanguageModel } from 'sotto';
import { createProducts } from './products.mjs';
import { CONFIG } from './random-gpt2.mjs';
import { median } from './statistics.mjs';

const ROUNDS = 5;
const CONTEXT = 64; // tokens in the cache around which decoding is measured
const STEPS = 16;
const PROMPT = 128;

const ids = (count) => Array.from({ length: count }, (_, i) => (i * 7919) % CONFIG.vocab_size);

/** Milliseconds that one call of `run` takes, over `times` calls. */
function measure(run, times) {
  const start = performance.now();
  for (let i = 0; i < times; i++) run();
  return (performance.now() - start) / times;
}

/** One generation's own timings, through the public API, sampling and streaming included. */
async function generate(model, promptLength, steps) {
  const generation = model.generate(ids(promptLength), { maxNewTokens: steps + 1, temperature: 0 });
  const { timings, usage } = await generation.result;
  if (usage.completionTokens !== steps + 1)
    throw new Error('The model stopped early: choose another prompt.');
  return timings;
}

const productsFirst = process.argv.includes('--products-first');
const early = productsFirst ? await createProducts(CONFIG, PROMPT) : null;
const model = await LanguageModel.load(process.argv[2]);
const products = early ?? (await createProducts(CONFIG, PROMPT));

const figures = {
  decodeProducts: [],
  decode: [],
  decodeShare: [],
  prefillProducts: [],
  prefill: [],
  prefillShare: [],
};
for (let round = -1; round < ROUNDS; round++) {
  const decodeProducts = measure(() => products.run(1), STEPS);
  const decode = (await generate(model, CONTEXT - STEPS / 2, STEPS)).decodeMs / STEPS;
  const prefillProducts = measure(() => products.run(PROMPT), 1);
  const prefill = (await generate(model, PROMPT, 0)).prefillMs;
  if (round < 0) continue; // the first round lets the compiler settle
  figures.decodeProducts.push(decodeProducts);
  figures.decode.push(decode);
  figures.prefillProducts.push(prefillProducts);
  figures.prefill.push(prefill);
  // Of the two halves of one round, which the machine's moods meet alike.
  figures.decodeShare.push(decodeProducts / decode);
  figures.prefillShare.push(prefillProducts / prefill);
}
await model.dispose();
const medians = Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)]));
console.log(JSON.stringify({ ...medians, promptTokens: PROMPT, context: CONTEXT }));
