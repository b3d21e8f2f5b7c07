import { wholeItems } from './whole-items.js';

const FROM = Float64Array.BYTES_PER_ELEMENT;
const TO = Float32Array.BYTES_PER_ELEMENT;

/**
 * Turns the bytes of a tensor in F64 into those in F32, each number rounded to the nearest, as they come.
 *
 * @param chunks Little-endian, in chunks that end anywhere.
 */
export async function* float64ToFloat32(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of wholeItems(chunks, FROM)) {
    const count = bytes.byteLength / FROM;
    const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const to = new DataView(new ArrayBuffer(count * TO));
    for (let i = 0; i < count; i++) to.setFloat32(i * TO, from.getFloat64(i * FROM, true), true);
    yield new Uint8Array(to.buffer);
  }
}
