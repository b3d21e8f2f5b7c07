// Files of models, taken apart and made up for tests.
import { makeFile } from '../formats/make-safetensors.mjs';
import { jsonBytes } from './support.mjs';

/** A safetensors file taken apart: its header as an object, and the bytes behind it. */
export function takeApart(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return {
    header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
    data: bytes.subarray(8 + length),
  };
}

/** A GPT-2 whose weights are all zero, of any shape. */
export function zeroModel(config) {
  return makeModel(config, (nFloats) => new Float32Array(nFloats));
}

/** A GPT-2 with weights from -0.25 to 0.25, of any shape; no two of its tokens are alike. */
export function randomModel(config, random) {
  return makeModel(config, (nFloats) =>
    Float32Array.from({ length: nFloats }, () => random.next() / 2 - 0.25),
  );
}

function makeModel(config, makeFloats) {
  const { n_positions, n_embd: width, n_layer, vocab_size } = config;
  const shapes = {
    'wte.weight': [vocab_size, width],
    'wpe.weight': [n_positions, width],
    'ln_f.weight': [width],
    'ln_f.bias': [width],
  };
  const linear = { 'attn.c_attn': 3 * width, 'attn.c_proj': width, 'mlp.c_fc': 4 * width };
  for (let layer = 0; layer < n_layer; layer++) {
    for (const name of ['ln_1', 'ln_2']) {
      shapes[`h.${layer}.${name}.weight`] = [width];
      shapes[`h.${layer}.${name}.bias`] = [width];
    }
    for (const [name, columns] of Object.entries({ ...linear, 'mlp.c_proj': width })) {
      shapes[`h.${layer}.${name}.weight`] = [name === 'mlp.c_proj' ? 4 * width : width, columns];
      shapes[`h.${layer}.${name}.bias`] = [columns];
    }
  }
  let end = 0;
  const header = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const begin = end;
    end += 4 * shape.reduce((product, size) => product * size);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  return {
    'config.json': jsonBytes({ model_type: 'gpt2', activation_function: 'gelu_new', ...config }),
    'model.safetensors': makeFile(header, new Uint8Array(makeFloats(end / 4).buffer)),
  };
}

/** The tensors of a safetensors file by name: { dtype, shape, bytes }. */
export function tensorsOf(file) {
  const { header, data } = takeApart(file);
  delete header.__metadata__;
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, { dtype, shape, bytes: data.slice(begin, end) }],
    ),
  );
}

/** A safetensors file of such tensors, in their order. */
export function fileOfTensors(tensors) {
  const header = {};
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    const begin = end;
    end += bytes.length;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const data = new Uint8Array(end);
  for (const [name, { bytes }] of Object.entries(tensors)) data.set(bytes, header[name].data_offsets[0]);
  return makeFile(header, data);
}
