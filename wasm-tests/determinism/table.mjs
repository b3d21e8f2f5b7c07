// What is compared: every model, type of weights and build of the engine, and how prompts are cut.
import { readFileSync } from 'node:fs';
import { inRepository } from '../../tools/lib/folders.mjs';

export const MODELS = [
  { name: 'odd-60', folder: 'wasm-tests/fixtures/odd-60/', shards: false },
  { name: 'odd-42', folder: 'wasm-tests/fixtures/odd-42/', shards: false },
  { name: 'odd-66', folder: 'wasm-tests/fixtures/odd-66/', shards: true },
  { name: 'odd-8', folder: 'wasm-tests/fixtures/odd-8/', shards: false },
  // Rotary positions by llama3's factors; windows, norms behind and two thetas; short convolutions; the gated delta rule;
  // Mamba 2, alone and beside attention; streams; keys of other layers and inputs per layer.
  ...[
    'llama-llama3',
    'gemma3_text-tied',
    'lfm2-tied',
    'qwen3_5_text-layer-types',
    'granitemoehybrid-mamba',
    'falcon_h1-norm-last',
    'gemma3n_text-three-streams',
    'gemma4_text-shared',
  ].map((name) => ({
    name,
    folder: `wasm-tests/fixtures/families/${name}/`,
    shards: false,
  })),
  { name: 'tiny-stories', folder: 'demo/models/tiny-stories/', shards: false },
  // Made where it is run, for few files of its types are small: api/k-quant-model.mjs.
  { name: 'k-quants', folder: '', shards: false, blockTypes: ['q4_k', 'q5_k', 'q6_k'] },
];

/** Models with inputs per layer. */
const WITH_ROWS = /^gemma(3n|4)/;

export const WEIGHTS = ['f32', 'q8', 'q4'];

/** Builds and their numbers of threads. */
export const ENGINES = [
  { variant: 'simd', threads: 1 },
  { variant: 'relaxed', threads: 1 },
  { variant: 'simd-threads', threads: 1 },
  { variant: 'simd-threads', threads: 2 },
  { variant: 'relaxed-threads', threads: 1 },
  { variant: 'relaxed-threads', threads: 2 },
];

/** The forms of the dot product, of relaxed builds with quantised weights. */
export const DOT_FORMS = ['pairs', 'quads'];

/** The quantised types that a model keeps: a table of which rows are read is never in q8. */
export const quantizedTypes = ({ name, blockTypes = [] }, weights) =>
  weights === 'f32'
    ? blockTypes
    : [...blockTypes, ...new Set([weights, ...(WITH_ROWS.test(name) ? ['q4'] : [])])];

/** The options of engines that differ for types of weights: the builds, and of relaxed ones each form. */
export const withDotForms = (engines, types, forms) =>
  engines.flatMap((engine) =>
    types.length > 0 && engine.variant.startsWith('relaxed')
      ? forms.map((dotForm) => ({ ...engine, dotForm }))
      : [engine],
  );

/** Ways to cut a prompt: each of them, and one that fits no size of anything. */
export const EVERY_CUT = [1, 7, 32, 'whole'];
export const ODD_CUT = [7];

const HASHES = inRepository('wasm-tests/fixtures/token-hashes.json');

/** The committed hashes: `[model][weights]` is `{ tokens, logits }`. */
export const committedHashes = () => JSON.parse(readFileSync(HASHES, 'utf8'));
