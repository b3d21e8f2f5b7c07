import type { MetadataValue } from '../base/metadata.js';
import { quoted } from '../base/quoted.js';
import type { GgufCursor } from './gguf-cursor.js';

/** Arrays of arrays of arrays: no known file has any. */
const MAX_DEPTH = 3;

const STRING = 8;
const ARRAY = 9;

/** What begins with its length takes so much at least. */
const LENGTH_BYTES = 8;
const ARRAY_BEGINNING = 12;

type Reader = (view: DataView, at: number) => MetadataValue;
type ListOf = (bytes: Uint8Array<ArrayBuffer>) => MetadataValue;

interface Scalar {
  bytes: number;
  read: Reader;
  /** Undefined for what is no number. */
  list?: ListOf;
}

const whole = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** By the numbers that files have for types of values (ggml's `gguf_metadata_value_type`). */
const SCALARS: ReadonlyMap<number, Scalar> = new Map<number, Scalar>([
  [0, { bytes: 1, read: (view, at) => view.getUint8(at), list: (bytes) => bytes }],
  [1, { bytes: 1, read: (view, at) => view.getInt8(at), list: ({ buffer }) => new Int8Array(buffer) }],
  [
    2,
    { bytes: 2, read: (view, at) => view.getUint16(at, true), list: ({ buffer }) => new Uint16Array(buffer) },
  ],
  [
    3,
    { bytes: 2, read: (view, at) => view.getInt16(at, true), list: ({ buffer }) => new Int16Array(buffer) },
  ],
  [
    4,
    { bytes: 4, read: (view, at) => view.getUint32(at, true), list: ({ buffer }) => new Uint32Array(buffer) },
  ],
  [
    5,
    { bytes: 4, read: (view, at) => view.getInt32(at, true), list: ({ buffer }) => new Int32Array(buffer) },
  ],
  [
    6,
    {
      bytes: 4,
      read: (view, at) => view.getFloat32(at, true),
      list: ({ buffer }) => new Float32Array(buffer),
    },
  ],
  [7, { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 }],
  [
    10,
    {
      bytes: 8,
      read: (view, at) => whole(view.getBigUint64(at, true)),
      list: ({ buffer }) => new BigUint64Array(buffer),
    },
  ],
  [
    11,
    {
      bytes: 8,
      read: (view, at) => whole(view.getBigInt64(at, true)),
      list: ({ buffer }) => new BigInt64Array(buffer),
    },
  ],
  [
    12,
    {
      bytes: 8,
      read: (view, at) => view.getFloat64(at, true),
      list: ({ buffer }) => new Float64Array(buffer),
    },
  ],
]);

/**
 * Reads a value whose type is given.
 *
 * @param key What it is the value of, for messages.
 * @throws SottoError 'bad-file'
 */
export function readMetadataValue(cursor: GgufCursor, type: number, key: string, depth = 0): MetadataValue {
  const what = () => `the value of ${quoted(key)}`;
  if (type === STRING) return cursor.text(what);
  if (type === ARRAY) return readArray(cursor, key, depth + 1);
  const scalar = scalarOf(cursor, type, key);
  const { view, at } = cursor.view(scalar.bytes, what);
  return scalar.read(view, at);
}

function readArray(cursor: GgufCursor, key: string, depth: number): MetadataValue {
  const what = () => `the list ${quoted(key)}`;
  if (depth > MAX_DEPTH) throw cursor.damaged(`${what()} has lists in lists more than ${MAX_DEPTH} deep`);
  const type = cursor.u32(what);
  const length = cursor.count(what);
  if (type === STRING || type === ARRAY) {
    // The list's strings take so much at least; what the list claims must be there before anything is made of it.
    const begin = cursor.position;
    cursor.take(length * (type === STRING ? LENGTH_BYTES : ARRAY_BEGINNING), what);
    cursor.position = begin;
    const values: MetadataValue[] = [];
    for (let i = 0; i < length; i++) values.push(readMetadataValue(cursor, type, key, depth));
    return values;
  }
  const { bytes, read, list } = scalarOf(cursor, type, key);
  if (list !== undefined) return list(cursor.bytes(length * bytes, what));
  const { view, at } = cursor.view(length * bytes, what);
  return Array.from({ length }, (_, i) => read(view, at + i * bytes));
}

function scalarOf(cursor: GgufCursor, type: number, key: string): Scalar {
  const scalar = SCALARS.get(type);
  if (scalar === undefined) throw cursor.damaged(`${quoted(key)} has the unknown type of value ${type}`);
  return scalar;
}
