import type { Attention, DecoderConfig, LayerKind, Mixer } from '../architectures/decoder-config.js';
import { integer } from '../options/option-checks.js';
import { SottoError } from '../results/errors.js';
import type { TokenLogProbability } from '../results/generation-result.js';
import type { KeysValues } from '../results/session-values.js';
import type { Session } from '../wasm/plain.js';
import { allocate } from './allocate.js';
import type { Handle, Instance } from './instance.js';

/** The keys and values of one layer, as they lie in the engine's memory. */
export interface KvPages {
  /** How they are kept. */
  type: 'f32' | 'int8';
  /** Positions in a page; the last one may be filled in part. */
  pagePositions: number;
  /** Where the first page begins; 0 in layers without a window, which give up what no later token sees. */
  firstPosition: number;
  /**
   * The layer's part of each page, valid until the next call of anything of this engine. In f32, Float32Arrays
   * [nKvHeads, 2, pagePositions, headDim], keys before values; in int8, Uint8Arrays, for each head as
   * src/kernels/attention_int8_simd.h draws it. Writing to them changes the cache, and that of forks which share the
   * page.
   */
  pages: (Float32Array | Uint8Array)[];
}

/** What layers without attention are, for people. */
const MIXERS = {
  'short-convolution': 'a short convolution',
  'gated-delta': 'linear attention',
  'state-space': 'a state space',
} as const;

/** @throws SottoError 'bad-option', also for a layer without keys and values */
export function checkLayer(layer: unknown, config: DecoderConfig): { layer: number; attention: Attention } {
  const index = integer(0, config.layers.length - 1)(layer, 'layer');
  const kind = config.kinds[config.layers[index] as number] as LayerKind;
  const mixers = [kind.mixer, kind.beside?.mixer];
  const attention = mixers.find((mixer): mixer is Attention => mixer?.type === 'attention');
  if (attention !== undefined) return { layer: index, attention };
  const mixer = kind.mixer as Exclude<Mixer, Attention>;
  throw new SottoError(
    'bad-option',
    `layer ${index} has no keys and values: it is ${MIXERS[mixer.type]}; choose a layer with attention`,
  );
}

export function kvPages(
  session: Handle<Session>,
  layer: number,
  { type, pagePositions }: Pick<KvPages, 'type' | 'pagePositions'>,
): KvPages {
  const firstPosition = session.call((object) => object.kvBegin(layer));
  const firstPage = firstPosition / pagePositions;
  const nPages = Math.ceil(session.call((object) => object.length()) / pagePositions) - firstPage;
  const pages = Array.from({ length: nPages }, (_, index) => {
    const bytes = session.call((object) => object.kvPage(layer, firstPage + index));
    return type === 'int8'
      ? bytes
      : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
  });
  return { type, pagePositions, firstPosition, pages };
}

/** @throws SottoError 'out-of-memory' */
export function readKv(
  session: Handle<Session>,
  layer: number,
  { nKvHeads, headDim }: Attention,
): KeysValues {
  const firstPosition = session.call((object) => object.kvBegin(layer));
  const length = session.call((object) => object.length()) - firstPosition;
  const size = length * headDim;
  const make = () => new Float32Array(nKvHeads * size);
  const [keys, values] = allocate('keys and values', 8 * nKvHeads * size, () => [make(), make()] as const);
  for (let head = 0; head < nKvHeads && length > 0; head++) {
    session.check((object) => object.readKv(layer, head));
    const both = session.call((object) => object.kvValues());
    keys.set(both.subarray(0, size), head * size);
    values.set(both.subarray(size), head * size);
  }
  return { firstPosition, keys, values };
}

/** Of each alternative, in the heap that finds them and in growing lists. */
const LOGPROB_BYTES = 128;

/** How likely a token is by a row of logits, and the likeliest tokens. @throws SottoError 'out-of-memory' */
export function readLogProbabilities(
  instance: Instance,
  session: Handle<Session>,
  { row, tokenId, nAlternatives }: { row: number; tokenId: number; nAlternatives: number },
): { logprob: number; alternatives: TokenLogProbability[] } {
  instance.ensureHeadroom(LOGPROB_BYTES * (nAlternatives + 1), 'log-probabilities');
  const values = session.call((object) => object.logProbabilities(row, tokenId, nAlternatives));
  const alternatives: TokenLogProbability[] = [];
  for (let i = 1; i < values.length; i += 2) {
    alternatives.push({ tokenId: values[i] as number, logprob: values[i + 1] as number });
  }
  return { logprob: values[0] as number, alternatives };
}
