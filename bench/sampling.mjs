// node bench/sampling.mjs: what the sampling chain costs a token, in the built test module (the plain SIMD variant), in
// microseconds; the median of many tokens. `measureSampling()` gives the same figures to other scripts.
import { pathToFileURL } from 'node:url';
import { toSamplerValue } from '../build/web/engine/sampler-value.js';
import { NEUTRAL_SAMPLER_OPTIONS } from '../build/web/options/sampler-options.js';
import { createTestModule } from '../wasm-tests/test-module.mjs';
import { median } from './statistics.mjs';

/** Of GPT-2 and of Qwen. */
const VOCABULARIES = [50257, 151936];

const PENALTIES = { repetitionPenalty: 1.1, frequencyPenalty: 0.2, presencePenalty: 0.2 };

const CHAINS = {
  greedy: { temperature: 0 },
  temperature: { temperature: 0.8 },
  'top-k 40': { topK: 40 },
  'top-k 4000': { topK: 4000 },
  'top-p 0.95': { topP: 0.95 },
  'min-p 0.05': { minP: 0.05 },
  'typical-p 0.9': { typicalP: 0.9 },
  'epsilon 3e-4': { epsilonCutoff: 3e-4 },
  'eta 3e-4': { etaCutoff: 3e-4 },
  'greedy with penalties': { ...PENALTIES, temperature: 0 },
  'penalties, temperature, top-p, min-p': { ...PENALTIES, temperature: 0.8, topP: 0.95, minP: 0.05 },
  'penalties, temperature, top-k, top-p, min-p': {
    ...PENALTIES,
    temperature: 0.8,
    topK: 40,
    topP: 0.95,
    minP: 0.05,
  },
};

/** What a form may leave of the vocabulary: one token in so many. */
const MASKS = { 'most of it': 1.1, 'half of it': 2, 'one in 1,000': 1000 };

const N_PROMPT = 512;
const N_TOKENS = 400;
const N_WARM = 100;

/** Normal logits with a model's spread (Box and Muller, 1958), from a fixed series of numbers. */
function modelLogits(size, deviation = 3) {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / (2 ** 32 + 1);
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float32Array.from({ length: size }, () => deviation * normal() - 30);
}

function timeEach(run) {
  const times = [];
  for (let i = -N_WARM; i < N_TOKENS; i++) {
    const start = performance.now();
    run();
    if (i >= 0) times.push((performance.now() - start) * 1000);
  }
  return median(times);
}

/** A mask that leaves one token in `share`, spread as the vocabulary's order spreads them. */
function maskOf(size, share) {
  const words = new Uint32Array(Math.ceil(size / 32));
  for (let n = 0; n < size / share; n++) {
    const id = Math.floor(n * share);
    words[id >>> 5] |= 1 << (id & 31);
  }
  return words;
}

/** @param mask Given anew for each token, as a constraint does; null for none. */
function timeChain(engine, options, logits, mask = null) {
  const address = engine.allocate(logits.byteLength);
  engine.bytesAt(address, logits.byteLength).set(new Uint8Array(logits.buffer));
  const value = { ...NEUTRAL_SAMPLER_OPTIONS, seed: 1, endTokens: [], ...options };
  const sampler = new engine.TestSampler(toSamplerValue(value));
  sampler.begin(Int32Array.from({ length: N_PROMPT }, (_, i) => (i * 7919) % logits.length));
  const time = timeEach(() => {
    if (mask !== null) sampler.mask(mask.length).set(mask);
    sampler.sample(address, logits.length);
  });
  sampler.delete();
  engine.release(address);
  return time;
}

/** @returns {Promise<Record<string, Record<number, number>>>} microseconds by chain and size of the vocabulary */
export async function measureSampling() {
  const engine = await createTestModule({ variant: 'simd' });
  const times = {};
  for (const size of VOCABULARIES) {
    const logits = modelLogits(size);
    for (const [name, options] of Object.entries(CHAINS)) {
      times[name] = { ...times[name], [size]: timeChain(engine, options, logits) };
    }
    for (const [kept, share] of Object.entries(MASKS)) {
      for (const name of ['greedy', 'temperature']) {
        const row = `${name}, a mask leaves ${kept}`;
        const time = timeChain(engine, CHAINS[name], logits, maskOf(size, share));
        times[row] = { ...times[row], [size]: time };
      }
    }
    // What no chain does: V8 sorts floats by std::sort.
    const sorted = 'for comparison: all logits sorted';
    times[sorted] = { ...times[sorted], [size]: timeEach(() => logits.slice().sort()) };
  }
  return times;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const times = await measureSampling();
  console.log(
    `${'microseconds a token'.padEnd(46)}${VOCABULARIES.map((size) => String(size).padStart(9)).join('')}`,
  );
  for (const [name, bySize] of Object.entries(times)) {
    console.log(name.padEnd(46) + VOCABULARIES.map((size) => bySize[size].toFixed(0).padStart(9)).join(''));
  }
}
