import type { DecoderConfig } from '../architectures/decoder-config.js';
import { badOption, integer, oneOf } from '../option-checks.js';
import type { KeysValues, TapName } from '../session-values.js';
import type { Session } from '../wasm/simd.js';
import type { Handle } from './instance.js';

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

/** What the pages of a session take, in bytes; pages that it shares with others count in full. */
export function kvBytes(session: Handle<Session>, config: DecoderConfig): number {
  const nPages = Math.ceil(session.call((object) => object.length()) / PAGE_POSITIONS);
  if (nPages === 0) return 0;
  return nPages * config.nLayers * session.call((object): Uint8Array => object.kvPage(0, 0)).byteLength;
}
