const FROM = Float64Array.BYTES_PER_ELEMENT;
const TO = Float32Array.BYTES_PER_ELEMENT;

/**
 * Turns the bytes of a tensor in F64 into those in F32, each number rounded to the nearest, as they come.
 *
 * @param chunks Little-endian, in chunks that end anywhere.
 */
export async function* float64ToFloat32(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0); // of a number that the next chunk completes
  for await (const chunk of chunks) {
    const bytes = rest.byteLength === 0 ? chunk : joined(rest, chunk);
    const count = Math.floor(bytes.byteLength / FROM);
    const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const to = new DataView(new ArrayBuffer(count * TO));
    for (let i = 0; i < count; i++) to.setFloat32(i * TO, from.getFloat64(i * FROM, true), true);
    rest = bytes.slice(count * FROM);
    if (count > 0) yield new Uint8Array(to.buffer);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.byteLength + second.byteLength);
  bytes.set(first);
  bytes.set(second, first.byteLength);
  return bytes;
}
