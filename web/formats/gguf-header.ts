import type { Metadata, MetadataValue } from '../base/metadata.js';
import { quoted } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import { contentKind } from './content-kind.js';
import type { FileTensor } from './file-tensor.js';
import { GgufCursor } from './gguf-cursor.js';
import { readMetadataValue } from './gguf-metadata.js';
import { GGUF_TYPES, type GgufType, REMOVED_GGUF_TYPES } from './gguf-types.js';

/** What the header of a GGUF file says. */
export interface GgufHeader {
  metadata: Metadata;
  /** In the order of their bytes; shapes are outermost first, the other way round than in the file. */
  tensors: readonly FileTensor[];
}

const MAGIC = 'GGUF';
const VERSIONS = [2, 3];
const MOST_DIMENSIONS = 4;
const MOST_NAME_BYTES = 65_535;
const DEFAULT_ALIGNMENT = 32;

/** The least that a key with its value, and a tensor's description, take. */
const LEAST_PAIR_BYTES = 13;
const LEAST_TENSOR_BYTES = 32;

/**
 * Parses the header of a GGUF file, version 2 or 3, and checks everything in it against the bytes that are there: counts and
 * lengths before anything is made of them, names, types, shapes, and that the tensors lie one behind the other, aligned,
 * within the file. The format: ggml's description of GGUF.
 *
 * @param bytes The beginning of the file.
 * @param fileSize Bytes of the whole file, or null where that is not known.
 * @throws MoreBytesNeeded when the header goes on behind `bytes`; SottoError 'bad-file' when it is damaged or something else,
 *   'unsupported-model' for versions and types that are not read.
 */
export function parseGgufHeader(bytes: Uint8Array, fileName: string, fileSize: number | null): GgufHeader {
  const cursor = new GgufCursor(bytes, fileName, fileSize);
  checkBeginning(cursor, bytes);
  const nTensors = cursor.count(() => 'the number of tensors');
  const nPairs = cursor.count(() => 'the number of keys');
  expectRoom(
    cursor,
    nPairs * LEAST_PAIR_BYTES + nTensors * LEAST_TENSOR_BYTES,
    `${nPairs} keys and ${nTensors} tensors`,
  );
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < nPairs; i++) {
    const key = readName(cursor, `key ${i}`);
    if (metadata.has(key)) throw cursor.damaged(`the key ${quoted(key)} is there twice`);
    metadata.set(
      key,
      readMetadataValue(
        cursor,
        cursor.u32(() => `the type of ${quoted(key)}`),
        key,
      ),
    );
  }
  const alignment = alignmentOf(cursor, metadata);
  const described = Array.from({ length: nTensors }, (_, i) => readTensor(cursor, i, alignment));
  return { metadata, tensors: place(cursor, described, alignment, fileSize) };
}

function checkBeginning(cursor: GgufCursor, bytes: Uint8Array): void {
  const at = cursor.take(8, () => 'the beginning');
  const magic = String.fromCharCode(...bytes.subarray(at, at + MAGIC.length));
  if (magic !== MAGIC) {
    const kind = contentKind(bytes);
    const what = kind === null ? `it begins with ${quoted(magic)}` : `it is ${kind.what}`;
    const advice = kind === null ? 'Check the address, and download the file again.' : kind.advice;
    throw new SottoError('bad-file', `${cursor.fileName} is no GGUF file: ${what}. ${advice}`);
  }
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + MAGIC.length, true);
  if (VERSIONS.includes(version)) return;
  const isBigEndian = version !== 0 && (version & 0xffff) === 0;
  const what = isBigEndian ? 'a big-endian GGUF file, for other processors' : `GGUF version ${version}`;
  throw new SottoError(
    'unsupported-model',
    `${cursor.fileName} is ${what}; this version of sotto reads ${VERSIONS.join(' and ')}, little-endian. ` +
      'Take a newer conversion of the model.',
  );
}

function expectRoom(cursor: GgufCursor, bytes: number, what: string): void {
  const begin = cursor.position;
  cursor.take(bytes, () => `its header's list of ${what}`);
  cursor.position = begin;
}

function readName(cursor: GgufCursor, what: string): string {
  const begin = cursor.position;
  const name = cursor.text(() => `the name of ${what}`);
  if (cursor.position - begin - 8 > MOST_NAME_BYTES)
    throw cursor.damaged(`the name of ${what} is ${name.length} long`);
  if (name === '' || name.includes('\0') || name.includes('\uFFFD')) {
    throw cursor.damaged(`${what} has the name ${quoted(name)}`);
  }
  return name;
}

function alignmentOf(cursor: GgufCursor, metadata: Metadata): number {
  const value = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const isPower =
    typeof value === 'number' && value >= 8 && value <= 1 << 20 && Number.isInteger(Math.log2(value));
  if (!isPower) throw cursor.damaged(`general.alignment is ${String(value)}, and no power of two from 8 on`);
  return value;
}

interface Described {
  name: string;
  type: GgufType;
  shape: number[];
  offset: number;
  bytes: number;
}

function readTensor(cursor: GgufCursor, index: number, alignment: number): Described {
  const name = readName(cursor, `tensor ${index}`);
  const what = () => `tensor ${quoted(name)}`;
  const nDimensions = cursor.u32(what);
  if (nDimensions > MOST_DIMENSIONS) throw cursor.damaged(`${what()} has ${nDimensions} dimensions`);
  const shape = Array.from({ length: nDimensions }, () => cursor.count(what)).reverse();
  const type = typeOf(cursor, cursor.u32(what), what());
  const offset = cursor.count(what);
  const nValues = shape.reduce((product, size) => product * size, 1);
  if (nValues < 1 || !Number.isSafeInteger(nValues))
    throw cursor.damaged(`${what()} has the shape [${shape.join(', ')}]`);
  const rowLength = shape.at(-1) ?? 1;
  if (rowLength % type.blockValues !== 0) {
    throw cursor.damaged(
      `${what()} has rows of ${rowLength} values, and ${type.name} has blocks of ${type.blockValues}`,
    );
  }
  if (offset % alignment !== 0) {
    throw cursor.damaged(`${what()} begins at ${offset}, and general.alignment is ${alignment}`);
  }
  return { name, type, shape, offset, bytes: (nValues / type.blockValues) * type.blockBytes };
}

function typeOf(cursor: GgufCursor, id: number, what: string): GgufType {
  const type = GGUF_TYPES.get(id);
  if (type !== undefined) return type;
  const removed = REMOVED_GGUF_TYPES.get(id);
  const which =
    removed === undefined ? `the unknown type ${id}` : `type ${id} (${removed}), which GGUF has no more`;
  throw new SottoError(
    'unsupported-model',
    `${cursor.fileName}: ${what} has ${which}, so its size cannot be told. Take another conversion of the model.`,
  );
}

/** Puts the tensors in the order of their bytes, which must lie one behind the other. */
function place(
  cursor: GgufCursor,
  described: Described[],
  alignment: number,
  fileSize: number | null,
): FileTensor[] {
  const aligned = (position: number) => Math.ceil(position / alignment) * alignment;
  const dataBegin = aligned(cursor.position);
  const names = new Set<string>();
  let end = dataBegin;
  const tensors = described
    .sort((a, b) => a.offset - b.offset)
    .map(({ name, type, shape, offset, bytes }) => {
      if (names.has(name)) throw cursor.damaged(`tensor ${quoted(name)} is there twice`);
      names.add(name);
      const begin = dataBegin + offset;
      if (begin !== aligned(end)) {
        throw cursor.damaged(
          `tensor ${quoted(name)} begins at byte ${begin} instead of ${aligned(end)}, where the one before it ends` +
            ' (other programs may have other blocks under the numbers of its types)',
        );
      }
      end = begin + bytes;
      if (fileSize !== null && end > fileSize) {
        throw cursor.damaged(
          `tensor ${quoted(name)} ends at byte ${end}, and the file at byte ${fileSize}: it is truncated`,
        );
      }
      return { name, dtype: type.name, shape, begin, end };
    });
  if (fileSize !== null && fileSize - end >= alignment) {
    throw cursor.damaged(`its header describes ${end} bytes, and the file holds ${fileSize}`);
  }
  return tensors;
}
