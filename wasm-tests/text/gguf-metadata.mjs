// The metadata of a GGUF file, read as plainly as can be: what the vocabulary's tests need, apart from what is tested.

const NUMBERS = {
  0: ['getUint8', 1, Uint8Array],
  1: ['getInt8', 1, Int8Array],
  2: ['getUint16', 2, Uint16Array],
  3: ['getInt16', 2, Int16Array],
  4: ['getUint32', 4, Uint32Array],
  5: ['getInt32', 4, Int32Array],
  6: ['getFloat32', 4, Float32Array],
  10: ['getBigUint64', 8, BigUint64Array],
  11: ['getBigInt64', 8, BigInt64Array],
  12: ['getFloat64', 8, Float64Array],
};
const [BOOL, STRING, ARRAY] = [7, 8, 9];

/** @param {Uint8Array} bytes A file of version 3, or its beginning. */
export function readGgufMetadata(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  let at = 0;
  const number = (type) => {
    const [method, size] = NUMBERS[type];
    at += size;
    return view[method](at - size, true);
  };
  const length = () => Number(number(10));
  const value = (type) => {
    if (type === BOOL) return number(0) !== 0;
    if (type === STRING) {
      const end = length() + at;
      const text = utf8.decode(bytes.subarray(at, end));
      at = end;
      return text;
    }
    if (type !== ARRAY) return number(type);
    const itemType = number(4);
    const n = length();
    if (!(itemType in NUMBERS)) return Array.from({ length: n }, () => value(itemType));
    return NUMBERS[itemType][2].from({ length: n }, () => number(itemType));
  };
  if (number(4) !== 0x46554747 || number(4) !== 3) throw new Error('no GGUF of version 3');
  length(); // of the tensors
  const n = length();
  const metadata = new Map();
  for (let i = 0; i < n; i++) {
    const key = value(STRING);
    metadata.set(key, value(number(4)));
  }
  return metadata;
}
