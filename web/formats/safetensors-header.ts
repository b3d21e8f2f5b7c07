import { isObject, shown } from '../base/json.js';
import { SottoError } from '../results/errors.js';
import type { FileTensor } from './file-tensor.js';

/** Bytes before the header: its length, an unsigned 64-bit little-endian number. */
export const PREFIX_BYTES = 8;

/** The reference implementation's bound, against headers that would fill the memory. */
const MAX_HEADER_BYTES = 100_000_000;

// Bits per element, of every type that the format knows: tensors that nobody wants must parse, too.
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
]);

/**
 * Reads and checks the length of the header.
 *
 * @param prefix The first {@link PREFIX_BYTES} bytes of the file.
 * @param fileSize Bytes of the whole file, or null when that is not known.
 * @throws SottoError 'bad-file'
 */
export function parseHeaderLength(prefix: Uint8Array, fileName: string, fileSize: number | null): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES || length < 2) {
    throw bad(fileName, `its header's length is given as ${length} bytes, which is no safetensors file`);
  }
  const end = PREFIX_BYTES + Number(length);
  if (fileSize !== null && end > fileSize) {
    throw bad(fileName, `its header ends at byte ${end} and the file at byte ${fileSize}: it is truncated`);
  }
  return Number(length);
}

/**
 * Parses the header of a safetensors file and checks every tensor in it: that the type is known, that its shape
 * and its type give its size, and that the tensors cover the bytes behind the header without gap or overlap.
 * The format: https://huggingface.co/docs/safetensors (the repository's README, "Format").
 *
 * @param json The header, without the 8 bytes of its length before it.
 * @param fileSize Bytes of the whole file, or null when that is not known.
 * @returns The tensors in the order of their bytes.
 * @throws SottoError 'bad-file'
 */
export function parseSafetensorsHeader(
  json: Uint8Array,
  fileName: string,
  fileSize: number | null,
): FileTensor[] {
  const header = parseJson(json, fileName);
  const dataBegin = PREFIX_BYTES + json.byteLength;
  const tensors: FileTensor[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.push(parseTensor(name, entry, dataBegin, fileName));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = dataBegin;
  for (const { name, begin, end } of tensors) {
    if (begin !== covered) {
      const what = begin < covered ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw bad(
        fileName,
        `tensor ${shown(name)} begins at byte ${begin} instead of ${covered} and so ${what}`,
      );
    }
    covered = end;
  }
  if (fileSize !== null && covered !== fileSize) {
    const what = covered > fileSize ? 'it is truncated' : 'what follows belongs to no tensor';
    throw bad(fileName, `its header describes ${covered} bytes, and the file holds ${fileSize}: ${what}`);
  }
  return tensors;
}

function parseJson(json: Uint8Array, fileName: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw bad(
      fileName,
      `its header is not valid JSON (${cause instanceof Error ? cause.message : String(cause)})`,
      cause,
    );
  }
  if (!isObject(header)) throw bad(fileName, 'its header is no JSON object');
  return header;
}

function parseTensor(name: string, entry: unknown, dataBegin: number, fileName: string): FileTensor {
  const what = `tensor ${shown(name)}`;
  if (!isObject(entry)) throw bad(fileName, `${what} is described by no JSON object`);
  for (const key of ['dtype', 'shape', 'data_offsets']) {
    if (!Object.hasOwn(entry, key)) throw bad(fileName, `${what} has no ${key}`);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  const bits = typeof dtype === 'string' ? DTYPE_BITS.get(dtype) : undefined;
  if (typeof dtype !== 'string' || bits === undefined) {
    throw bad(fileName, `${what} has the unknown type ${shown(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw bad(fileName, `${what} has the shape ${shown(shape)}, which is no list of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw bad(fileName, `${what} has the offsets ${shown(offsets)}, which are no two positions`);
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) throw bad(fileName, `${what} ends at offset ${end}, before it begins at ${begin}`);
  const expectedBits = countBits(shape, bits);
  if (expectedBits !== BigInt(end - begin) * 8n) {
    const size = expectedBits === null ? '2^64 bits or more' : `${Number(expectedBits) / 8} bytes`;
    throw bad(
      fileName,
      `${what} of type ${dtype} and shape ${shown(shape)} takes ${size}, ` +
        `and its offsets ${begin} to ${end} give it ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin: dataBegin + begin, end: dataBegin + end };
}

/** The size of a tensor, exact, or null where it overflows 64 bits: it must not come out as a small one. */
function countBits(shape: readonly number[], bitsPerElement: number): bigint | null {
  let bits = BigInt(bitsPerElement);
  for (const size of shape) {
    bits *= BigInt(size);
    if (bits >= 1n << 64n) return null;
  }
  return bits;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function bad(fileName: string, problem: string, cause?: unknown): SottoError {
  return new SottoError('bad-file', `${fileName} is damaged: ${problem}. Download the file again.`, {
    cause,
  });
}
