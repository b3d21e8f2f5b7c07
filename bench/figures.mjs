// The figures that have a target, for figuresTable. What was not measured is undefined or no number.
import { MB } from './tables.mjs';

const NOTHING = { prefill: {}, atContext: {}, products: {} };
const sotto = (r, weights, threads) => r[`sotto ${weights} ${threads}`] ?? NOTHING;
const kernels = (r, weights, threads) => r[`kernels ${weights} ${threads}`] ?? NOTHING;
const native = (r, weights, threads) => r[`llama.cpp ${weights}_0 ${threads}`] ?? NOTHING;
const wllama = (r, weights, threads) => r[`wllama ${weights}_0 ${threads}`] ?? NOTHING;
const transformersJs = (r, threads) => r[`transformers.js q8 ${threads}`] ?? NOTHING;

/** Decoding: how often as fast as `peer`. */
const decode = (weights, peer) => (r, t) => sotto(r, weights, t).decode / peer(r, weights, t).decode;

/** Prefill of so many tokens: how often as fast as `peer`. */
const prefill = (weights, length, peer) => (r, t) =>
  peer(r, weights, t).prefill[length] / sotto(r, weights, t).prefill[length];

const bandwidthShare = (weights) => (r, t) =>
  (sotto(r, weights, t).weightBytes * sotto(r, weights, t).decode) / kernels(r, 'q8', t).bytesPerSecond;

const longContext = (weights) => (r, t) =>
  sotto(r, weights, t).atContext[900] / sotto(r, weights, t).atContext[64];

const peakMB = (weights) => (r, t) => sotto(r, weights, t).peakBytes / MB;

/** Products alone of so many rows: how often as fast as those of q4. */
const products = (weights, rows) => (r, t) =>
  kernels(r, 'q4', t).products[rows] / kernels(r, weights, t).products[rows];

/** Of types that come in files only; of every model. */
export const PRODUCT_FIGURES = [
  ['q4_k / q4, products of a token', products('q4_k', 1), ['', '>= 0.9']],
  ['q5_k / q4', products('q5_k', 1), ['', '']],
  ['q6_k / q4', products('q6_k', 1), ['', '']],
  ['q8 / q4', products('q8', 1), ['', '']],
  ['q4_k / q4, products of 128 tokens', products('q4_k', 128), ['>= 0.7', '>= 0.7']],
  ['q5_k / q4', products('q5_k', 128), ['>= 0.7', '>= 0.7']],
  ['q6_k / q4', products('q6_k', 128), ['>= 0.7', '>= 0.7']],
];

const gguf = (r, who, dtype, threads) => r[`${who} gguf ${dtype} ${threads}`] ?? NOTHING;

const ggufDecode = (dtype, peer) => (r, t) =>
  gguf(r, 'sotto', dtype, t).decode / gguf(r, peer, dtype, t).decode;

const ggufPrefill = (dtype, length, peer) => (r, t) =>
  gguf(r, peer, dtype, t).prefill[length] / gguf(r, 'sotto', dtype, t).prefill[length];

const loading = (dtype, read) => (r, t) => read(gguf(r, 'load', dtype, t));

/** Of a GGUF file of each type, beside the peers on the same file. */
export const GGUF_FIGURES = [
  ['q8_0', '>= 1.05'],
  ['q4_k_m', '>= 1.2'],
].flatMap(([dtype, target]) => [
  [`${dtype}.gguf: decode / native`, ggufDecode(dtype, 'llama.cpp'), ['', target]],
  ['prefill of 512 / native', ggufPrefill(dtype, 512, 'llama.cpp'), ['', '>= 0.9']],
  ['decode / wllama', ggufDecode(dtype, 'wllama'), ['', '>= 5']],
  ['prefill of 128 / wllama', ggufPrefill(dtype, 128, 'wllama'), ['', '']],
  ['fetch alone, s', loading(dtype, (load) => load.fetchSeconds), ['', '']],
  ['load, s', loading(dtype, (load) => load.loadSeconds), ['', '']],
  [
    'load / (1.3 x fetch + 0.3 s)',
    loading(dtype, (load) => load.loadSeconds / (1.3 * load.fetchSeconds + 0.3)),
    ['', '<= 1'],
  ],
  [
    "renderer's peak over the file, MB",
    loading(dtype, (load) => (load.peakBytes - load.fileBytes) / MB),
    ['', '<= 150'],
    0,
  ],
]);

const named = (read) => (r, t) => read(r[`named q8 ${t}`] ?? {});

/** Of loading by name, to q8. */
export const NAMED_FIGURES = [
  ['load by URL, nothing kept, s', named(({ plain }) => plain), ['', '']],
  ['first load by name, hashed and kept, s', named(({ first }) => first), ['', '']],
  ['/ load by URL', named(({ plain, first }) => first / plain), ['', '']],
  ['second load by name, s', named(({ second }) => second), ['', '']],
  ['/ first load by name', named(({ first, second }) => second / first), ['', '<= 0.3']],
];

const long = (context, what) => (r, t) => r[`long q8 ${t}`]?.[context][what];
const edited = (way, what) => (r, t) => r[`edited q8 ${t}`]?.[way][what];

/** Of models whose layers keep a state. */
export const RECURRENT_FIGURES = [
  ['q8 token after 64 tokens, ms', long(64, 'value'), ['', '']],
  ['after 4,000 tokens / after 64', long(4000, 'ratio'), ['', '<= 1.1']],
  ['first token of 2,000 tokens, q8, s', edited('cold', 'seconds'), ['', '']],
  ['the last 60 changed / that', edited('read at once', 'ratio'), ['', ''], 3],
  ['tokens before them that are read again', edited('read at once', 'readAgain'), ['', ''], 0],
  ['the last 60, of a later turn, changed / that', edited('message by message', 'ratio'), ['', ''], 3],
  ['tokens before them that are read again', edited('message by message', 'readAgain'), ['', ''], 0],
];

/** Of GPT-2 124M. */
export const GPT2_FIGURES = [
  ['q8 decode / native q8_0', decode('q8', native), ['>= 1.4', '>= 1.8']],
  ['q4 decode / native q4_0', decode('q4', native), ['>= 1.8', '>= 2.0']],
  ['q8 prefill of 512 / native q8_0', prefill('q8', 512, native), ['>= 1.5', '>= 1.5']],
  [
    'q4 prefill of 512 / q8',
    (r, t) => sotto(r, 'q8', t).prefill[512] / sotto(r, 'q4', t).prefill[512],
    ['>= 0.9', '>= 0.9'],
  ],
  ['share of the read bandwidth, q8 decode', bandwidthShare('q8'), ['>= 0.75', '>= 0.70']],
  [
    'whole q8 tokens / products alone',
    (r, t) => (sotto(r, 'q8', t).decode * kernels(r, 'q8', t).products[1]) / 1000,
    ['', ''],
  ],
  [
    'first token of 16, q8 / transformers.js q8',
    (r, t) => sotto(r, 'q8', t).prefill[16] / transformersJs(r, t).prefill[16],
    ['<= 0.25', '<= 0.25'],
  ],
  ['q8 decode at 900 / at 64', longContext('q8'), ['>= 0.8', '>= 0.8']],
  ['q4 decode at 900 / at 64', longContext('q4'), ['', '']],
  ["renderer's peak, q8, MB", peakMB('q8'), ['<= 320', '<= 340'], 0],
  [
    "load to q8 / the best peer's load",
    (r, t) =>
      sotto(r, 'q8', t).loadSeconds /
      Math.min(transformersJs(r, t).loadSeconds, wllama(r, 'q8', t).loadSeconds),
    ['<= 1', '<= 1'],
  ],
  ['read bandwidth, GB/s', (r, t) => kernels(r, 'q8', t).bytesPerSecond / 1e9, ['', ''], 1],
  [
    '2 threads / 1 thread, another process busy',
    (r, t) => (t === 2 ? r.contention?.contended[2] / r.contention?.contended[1] : undefined),
    ['', '>= 0.8'],
  ],
  [
    'wasm and glue of the largest variant, gzip, KB',
    (r, t) => (t === 1 ? r.shipped?.bytes / 1000 : undefined),
    ['<= 150', ''],
    1,
  ],
];

/** Of the other models. */
export const DECODER_FIGURES = [
  ['q8 decode / native q8_0', decode('q8', native), ['', '>= 1.05']],
  ['q4 decode / native q4_0', decode('q4', native), ['', '>= 1.3']],
  ['q8 prefill of 512 / native q8_0', prefill('q8', 512, native), ['>= 1.3', '>= 1.3']],
  ['q4 prefill of 512 / native q4_0', prefill('q4', 512, native), ['>= 1.0', '>= 1.0']],
  ['first token of 16, q8: speed / native q8_0', prefill('q8', 16, native), ['', '']],
  ['first token of 16, q4: speed / native q4_0', prefill('q4', 16, native), ['', '']],
  ['q8 decode / wllama q8_0', decode('q8', wllama), ['>= 5', '>= 5']],
  ['q4 decode / wllama q4_0', decode('q4', wllama), ['>= 5', '>= 5']],
  ['q8 prefill of 128 / wllama q8_0', prefill('q8', 128, wllama), ['>= 5', '>= 5']],
  ['q4 prefill of 128 / wllama q4_0', prefill('q4', 128, wllama), ['>= 5', '>= 5']],
  ['share of the read bandwidth, q8 decode', bandwidthShare('q8'), ['', '>= 0.85']],
  ['share of the read bandwidth, q4 decode', bandwidthShare('q4'), ['', '']],
  ['q8 decode at 900 / at 64', longContext('q8'), ['', '']],
  ['q4 decode at 900 / at 64', longContext('q4'), ['', '']],
  ["renderer's peak, q8, MB", peakMB('q8'), ['', ''], 0],
  ["renderer's peak, q4, MB", peakMB('q4'), ['', ''], 0],
  ['peak, q8 / wllama q8_0', (r, t) => sotto(r, 'q8', t).peakBytes / wllama(r, 'q8', t).peakBytes, ['', '']],
  ['read bandwidth, GB/s', (r, t) => kernels(r, 'q8', t).bytesPerSecond / 1e9, ['', ''], 1],
];
