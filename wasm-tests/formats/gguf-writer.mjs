// GGUF files for tests, right ones and wrong ones: whatever is asked for is written.

const VALUES = {
  u8: [0, 1, 'setUint8'],
  i8: [1, 1, 'setInt8'],
  u16: [2, 2, 'setUint16'],
  i16: [3, 2, 'setInt16'],
  u32: [4, 4, 'setUint32'],
  i32: [5, 4, 'setInt32'],
  f32: [6, 4, 'setFloat32'],
  bool: [7, 1, 'setUint8'],
  u64: [10, 8, 'setBigUint64'],
  i64: [11, 8, 'setBigInt64'],
  f64: [12, 8, 'setFloat64'],
};

class Bytes {
  parts = [];
  length = 0;

  add(bytes) {
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  scalar(type, value) {
    const [, size, set] = VALUES[type];
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer)[set](0, size === 8 && type !== 'f64' ? BigInt(value) : Number(value), true);
    this.add(bytes);
  }

  text(text) {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    this.scalar('u64', bytes.length);
    this.add(bytes);
  }

  /** `type` is a name of VALUES, 'string', a number (as it is), or [type] for a list. */
  value(type, value) {
    if (type === 'string') this.text(value);
    else if (Array.isArray(type)) {
      this.scalar('u32', typeNumber(type[0]));
      this.scalar('u64', value.length);
      for (const item of value) this.value(type[0], item);
    } else if (typeof type === 'number') this.add(value);
    else this.scalar(type, value);
  }

  pad(alignment) {
    this.add(new Uint8Array((alignment - (this.length % alignment)) % alignment));
  }

  toBytes() {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

function typeNumber(type) {
  if (typeof type === 'number') return type;
  if (Array.isArray(type)) return 9;
  return type === 'string' ? 8 : VALUES[type][0];
}

/**
 * @param {{ magic?: string, version?: number, metadata?: [key: string, type: unknown, value: unknown][], alignment?: number,
 *   tensors?: { name: string, dims: (number | bigint)[], type: number, bytes: Uint8Array, offset?: number | bigint }[],
 *   nTensors?: number | bigint, nPairs?: number | bigint }} file dims are those of the file: a row's length first
 */
export function writeGguf({
  magic = 'GGUF',
  version = 3,
  metadata = [],
  tensors = [],
  alignment = 32,
  nTensors = tensors.length,
  nPairs = metadata.length,
}) {
  const out = new Bytes();
  out.add(new TextEncoder().encode(magic));
  out.scalar('u32', version);
  out.scalar('u64', nTensors);
  out.scalar('u64', nPairs);
  for (const [key, type, value] of metadata) {
    out.text(key);
    out.scalar('u32', typeNumber(type));
    out.value(type, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    out.text(tensor.name);
    out.scalar('u32', tensor.dims.length);
    for (const size of tensor.dims) out.scalar('u64', size);
    out.scalar('u32', tensor.type);
    out.scalar('u64', tensor.offset ?? offset);
    offset = Math.ceil((offset + tensor.bytes.length) / alignment) * alignment;
  }
  out.pad(alignment);
  for (const { bytes } of tensors) {
    out.pad(alignment);
    out.add(bytes);
  }
  return out.toBytes();
}
