// Weights as a quantised type holds them, back in f32: what rounding the weights alone does.
import { dequantize, quantizeWeights } from '../../wasm-tests/kernels/quantized-references.mjs';

const CONV1D = /(attn\.c_attn|attn\.c_proj|mlp\.c_fc|mlp\.c_proj)\.weight$/; // [in, out]
const EMBEDDING = /wte\.weight$/; // [vocabulary, width], the head as well

/**
 * A GPT-2 whose matrices went through 'q8' or 'q4' and back.
 *
 * @param {import('./model-tensors.mjs').ModelTensors} model stays as it is
 * @param {{ layers: boolean, embedding: boolean }} parts which matrices
 */
export function withRoundedWeights({ config, tensors }, type, { layers, embedding }) {
  const rounded = new Map(tensors);
  for (const [name, { shape, values }] of tensors) {
    if (layers && CONV1D.test(name)) {
      const [inputs, outputs] = shape;
      const rows = transpose(values, inputs, outputs);
      rounded.set(name, { shape, values: transpose(roundRows(rows, inputs, type), outputs, inputs) });
    } else if (embedding && EMBEDDING.test(name)) {
      rounded.set(name, { shape, values: roundRows(values, shape[1], type) });
    }
  }
  return { config, tensors: rounded };
}

/** values: [rows, columns]; a scale belongs to 32 columns of one row. */
function roundRows(values, columns, type) {
  const rounded = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += columns) {
    rounded.set(dequantize(quantizeWeights(type, values.subarray(at, at + columns)), columns), at);
  }
  return rounded;
}

function transpose(values, rows, columns) {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}
