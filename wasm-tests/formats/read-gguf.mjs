// GGUF v3, as ggml describes it, for tests of what becomes of it: no care for bad files, plain tensors only.
const SCALARS = {
  0: ['getUint8', 1],
  1: ['getInt8', 1],
  2: ['getUint16', 2],
  3: ['getInt16', 2],
  4: ['getUint32', 4],
  5: ['getInt32', 4],
  6: ['getFloat32', 4],
  7: ['getUint8', 1],
  10: ['getBigUint64', 8],
  11: ['getBigInt64', 8],
  12: ['getFloat64', 8],
};
const DTYPES = { 0: 'F32', 1: 'F16', 30: 'BF16', 8: 'Q8_0' };
const TYPED_ARRAYS = { 4: Uint32Array, 5: Int32Array, 6: Float32Array };

/**
 * @param {Uint8Array} file
 * @returns {{ metadata: Map<string, unknown>, tensors: { name: string, shape: number[], dtype: string, offset: number }[],
 *   bytesOf: (name: string) => Uint8Array, read: (name: string) => Promise<Float32Array> }} offsets from the file's beginning
 */
export function readGguf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = 8;
  const scalar = (type) => {
    const [get, size] = SCALARS[type];
    at += size;
    const value = view[get](at - size, true);
    if (type === 7) return value !== 0;
    return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
  const text = () => {
    const length = scalar(10);
    at += length;
    return new TextDecoder().decode(file.subarray(at - length, at));
  };
  const value = (type) => {
    if (type === 8) return text();
    if (type !== 9) return scalar(type);
    const [itemType, length] = [scalar(4), scalar(10)];
    const items = Array.from({ length }, () => value(itemType));
    return TYPED_ARRAYS[itemType]?.from(items) ?? items;
  };
  const [nTensors, nPairs] = [scalar(10), scalar(10)];
  const metadata = new Map(Array.from({ length: nPairs }, () => [text(), value(scalar(4))]));
  const infos = Array.from({ length: nTensors }, () => {
    const name = text();
    const shape = Array.from({ length: scalar(4) }, () => scalar(10)).reverse();
    const type = scalar(4);
    return { name, shape, dtype: DTYPES[type] ?? `type ${type}`, offset: scalar(10) };
  });
  const alignment = metadata.get('general.alignment') ?? 32;
  const begin = Math.ceil(at / alignment) * alignment;
  const tensors = infos.map((info) => ({ ...info, offset: begin + info.offset }));
  const bytesOf = (name) => {
    const { shape, offset, dtype } = tensors.find((tensor) => tensor.name === name);
    const nValues = shape.reduce((product, size) => product * size, 1);
    const nBytes = dtype === 'Q8_0' ? (nValues / 32) * 34 : nValues * (dtype === 'F32' ? 4 : 2);
    return file.subarray(offset, offset + nBytes);
  };
  const read = async (name) => new Float32Array(new Uint8Array(bytesOf(name)).buffer);
  return { metadata, tensors, bytesOf, read };
}
