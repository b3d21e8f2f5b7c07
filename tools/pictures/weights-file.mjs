// The token embedding in the embedded model's file: safetensors is a header in JSON and the numbers behind it.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLDER } from './models.mjs';

/** A number of 16 bits: sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** What the families call the matrix with a row for each token. */
const EMBEDDING = /(^|\.)(wte|embed_tokens)\.weight$/;

/**
 * The first `count` weights of a token's row.
 *
 * @param {number} id
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function embeddingOf(id, count) {
  const file = await open(join(FOLDER, 'model.safetensors'));
  try {
    const { buffer: size } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const headerBytes = Number(size.readBigUInt64LE());
    const { buffer: header } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 8);
    const [name, tensor] = Object.entries(JSON.parse(header.toString())).find(([key]) => EMBEDDING.test(key));
    if (tensor.dtype !== 'F16') throw new Error(`${name} has the type ${tensor.dtype}; F16 is read here`);
    const begin = 8 + headerBytes + tensor.data_offsets[0] + id * tensor.shape[1] * 2;
    const { buffer: bytes } = await file.read(Buffer.alloc(2 * count), 0, 2 * count, begin);
    return Array.from({ length: count }, (_, i) => fromHalf(bytes.readUInt16LE(2 * i)));
  } finally {
    await file.close();
  }
}
