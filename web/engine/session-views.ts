import type { DecoderConfig } from '../architectures/decoder-config.js';
import { badOption, integer, oneOf } from '../option-checks.js';
import type { Session } from '../wasm/simd.js';
import type { Handle } from './instance.js';

/** What a session can keep of each pass besides logits. */
export type TapName = 'hidden' | 'attention';

/** What the taps of a session kept of its last append; `rows` is the number of tokens that it took. */
export interface Taps {
  rows: number;
  /**
   * [nLayers + 1, rows, hiddenSize]: what enters the first layer, what leaves each layer but the last, and the final
   * norm of what leaves that, as Hugging Face's `hidden_states`.
   */
  hidden?: Float32Array;
  /** [nLayers, nHeads, rows, length]: the softmax weights; 0 for positions behind the row's own. */
  attention?: Float32Array;
}

/** The keys and values of one layer, as they lie in the engine's memory. */
export interface KvPages {
  /** How they are kept. */
  type: 'f32' | 'int8';
  /** Positions in a page; the last one may be filled in part. */
  pagePositions: number;
  /**
   * The layer's part of each page, valid until the next call of anything of this engine. In f32, Float32Arrays
   * [nKvHeads, 2, pagePositions, headDim], keys before values; in int8, Uint8Arrays, for each head as
   * src/kernels/attention_int8_simd.h draws it. Writing to them changes the cache, and that of forks which share the
   * page.
   */
  pages: (Float32Array | Uint8Array)[];
}

/** The keys and values of one layer as plain numbers, [nKvHeads, length, headDim] each. */
export interface KeysValues {
  keys: Float32Array<ArrayBuffer>;
  values: Float32Array<ArrayBuffer>;
}

export const PAGE_POSITIONS = 32;

/** @throws SottoError 'bad-option' */
export function checkLayer(layer: unknown, config: DecoderConfig): number {
  return integer(0, config.nLayers - 1)(layer, 'layer');
}

/** @throws SottoError 'bad-option' */
export function checkTaps(names: unknown): TapName[] {
  if (!Array.isArray(names)) throw badOption('tap', names, "an array of 'hidden' and 'attention'");
  return names.map((name) => oneOf<TapName>(['hidden', 'attention'])(name, 'tap'));
}

export function kvPages(session: Handle<Session>, layer: number, type: KvPages['type']): KvPages {
  const nPages = Math.ceil(session.call((object) => object.length()) / PAGE_POSITIONS);
  const pages = Array.from({ length: nPages }, (_, index) => {
    const bytes = session.call((object): Uint8Array => object.kvPage(layer, index));
    return type === 'int8'
      ? bytes
      : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
  });
  return { type, pagePositions: PAGE_POSITIONS, pages };
}

/** @throws SottoError 'out-of-memory' */
export function readKv(session: Handle<Session>, layer: number, config: DecoderConfig): KeysValues {
  const length = session.call((object) => object.length());
  const size = length * config.headDim;
  const keys = new Float32Array(config.nKvHeads * size);
  const values = new Float32Array(config.nKvHeads * size);
  for (let head = 0; head < config.nKvHeads && length > 0; head++) {
    session.check((object) => object.readKv(layer, head));
    const both = session.call((object): Float32Array => object.kvValues());
    keys.set(both.subarray(0, size), head * size);
    values.set(both.subarray(size), head * size);
  }
  return { keys, values };
}
