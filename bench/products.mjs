// The matrix products of one GPT-2 pass and nothing else, each as one XNNPACK operator: the bound that generation is
// measured against. Runs in the test module, which alone exposes them.
import { createTestModule } from '../wasm-tests/test-module.mjs';
import { fillRandom } from './random-gpt2.mjs';

/** The products of `config`'s shape over random weights: `run(rows)` does those of a pass over `rows` tokens, whose head makes one row of logits. */
export async function createProducts(config, mostRows) {
  const wasm = await createTestModule();
  const width = config.n_embd;
  const inner = 4 * width;
  const largest = config.vocab_size * width;
  const f32 = (address, count) => {
    const bytes = wasm.bytesAt(address, 4 * count);
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  };
  const weights = wasm.allocate(4 * largest);
  fillRandom(f32(weights, largest), 0, 0.05, 7);

  const matrix = (rows, columns) => {
    const packed = new wasm.Matrix(rows, columns);
    packed.addBlock(0, rows, weights, false);
    return packed;
  };
  const layers = Array.from({ length: config.n_layer }, () => [
    matrix(3 * width, width),
    matrix(width, width),
    matrix(inner, width),
    matrix(width, inner),
  ]);
  const head = matrix(config.vocab_size, width);
  wasm.release(weights);

  const x = wasm.allocate(4 * mostRows * inner);
  fillRandom(f32(x, mostRows * inner), 0, 1, 11);
  const y = wasm.allocate(4 * Math.max(mostRows * inner, config.vocab_size));
  return {
    run(rows) {
      for (const products of layers) for (const product of products) product.multiply(x, rows, y);
      head.multiply(x, 1, y);
    },
  };
}
