// The figures of the ways to decode and of sessions, with their targets.

const CHAIN = 'penalties, temperature, top-k, top-p, min-p'; // of bench/sampling.mjs
const SMALL_MODEL = 0.6e9; // weights of a model whose vocabulary has 151,936 tokens
const Q8_BYTES = 34 / 32; // of a weight, its share of the block's scale included

// What was not measured is undefined.
const decoding = (r, t) => r[`decoding q8 ${t}`];
const secondTurn = (name) => (r, t) => r[`sessions q8 ${t}`]?.secondTurn[name].ratio;
const fork = (where, what) => (r, t) => r[`sessions q8 ${t}`]?.fork[where]?.[what];
const batch = (n) => (r, t) => decoding(r, t)?.batches[n].ratio;
const lookup = (task) => (r, t) => decoding(r, t)?.lookup[task].lookup.ratio;
const search = (name) => (r, t) => decoding(r, t)?.searches[name].value;

/** A step of GPT-2 in q8, in microseconds. */
const stepUs = (r, t) => 1e6 / decoding(r, t)?.chain.greedy.value;

/** A step that reads the small model's weights at the bytes a second of GPT-2's step, in microseconds. */
const smallModelStepUs = (r, t) => (stepUs(r, t) * SMALL_MODEL * Q8_BYTES) / decoding(r, t)?.weightBytes;

const chainUs = (r, size) => r['sampling chains']?.[CHAIN][size];

/** For figuresTable. */
export const DECODING_FIGURES = [
  [
    'whole chain, 50,257 logits / a step of GPT-2 124M q8, %',
    (r, t) => (100 * chainUs(r, 50_257)) / stepUs(r, t),
    ['< 3', '< 3'],
  ],
  [
    'whole chain, 151,936 logits / a step of 0.6 B weights in q8 (by its bytes), %',
    (r, t) => (100 * chainUs(r, 151_936)) / smallModelStepUs(r, t),
    ['< 3', '< 3'],
  ],
  ['whole chain / greedy, tokens/s', (r, t) => decoding(r, t)?.chain.chain.ratio, ['', '']],
  ['2 sequences / one, tokens/s', batch(2), ['', '']],
  ['4 sequences / one', batch(4), ['>= 1.6', '>= 2']],
  ['8 sequences / one', batch(8), ['', '']],
  ['16 sequences / one', batch(16), ['', '']],
  ['prompt lookup / plain, a copying task', lookup('copying'), ['> 1', '> 1']],
  ['the same, temperature 1', lookup('copying, sampled'), ['> 1', '> 1']],
  ['prompt lookup / plain, words repeat and phrases do not', lookup('misleading'), ['>= 0.95', '>= 0.95']],
  [
    'prompt lookup / plain, nothing repeats, temperature 1',
    lookup('not repeating, sampled'),
    ['>= 0.95', '>= 0.95'],
  ],
  ['beam search, 4 beams, tokens/s', search('beams, 4'), ['', ''], 1],
  ['contrastive search, top-k 4, tokens/s', search('contrastive, 4'), ['', ''], 1],
  [
    'second turn after 512 tokens, first token: prefix cache / cold',
    secondTurn('prefix cache'),
    ['< 0.1', '< 0.1'],
    3,
  ],
  ['the same: session / cold', secondTurn('session'), ['< 0.1', '< 0.1'], 3],
  ['fork of 900 tokens, page, ms', fork('page', 'ms'), ['< 1', '< 1'], 3],
  ['the same, bytes', fork('page', 'bytes'), ['< 65536', '< 65536'], 0],
  ['fork of 900 tokens, sotto/engine, ms', fork('engine', 'ms'), ['< 1', ''], 3],
  ['the same, bytes', fork('engine', 'bytes'), ['< 65536', ''], 0],
];
