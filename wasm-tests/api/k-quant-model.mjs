// The small decoder of block-models.mjs with weights of GGUF's K types. Runs in Node and in a browser's worker.
import { K_TYPES, randomKBlocks, valuesOfBlocks } from '../kernels/k-quants-references.mjs';
import { blockConfig, blockTensors, bytesOf, randomOf } from './block-models.mjs';

export const HIDDEN = 512;
const INTERMEDIATE = 256;
export const CONFIG = blockConfig(HIDDEN, INTERMEDIATE);
export const TENSORS = blockTensors(HIDDEN, INTERMEDIATE);
export const NAMES = Object.keys(K_TYPES);

/** Every tensor with another type than those beside it, within q, k and v and within gate and up. */
export const mixed = (index) => NAMES[index % NAMES.length];

/** The tensors as blocks where their rows are whole ones, and as the numbers that these stand for. */
export function tensorsOf(typeOf) {
  const random = randomOf(5);
  return TENSORS.map((tensor, index) => {
    const [, rows, columns] = tensor;
    if (columns % 256 === 0) {
      const type = typeOf(index);
      const data = randomKBlocks(type, (rows * columns) / 256, random);
      return { tensor, type: K_TYPES[type].fileType, data, values: valuesOfBlocks(type, data) };
    }
    const values = Float32Array.from({ length: rows * columns }, () => (random() - 0.5) * 0.2);
    return { tensor, type: 'F32', data: bytesOf(values), values };
  });
}
