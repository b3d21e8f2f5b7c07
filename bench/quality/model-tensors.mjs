// A model as the tensors of its files, all in f32, so that some can be changed before the engine takes them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from 'sotto/engine';
import { mapModel } from '../../build/web/architectures/architectures.js';
import { toTensorRequest } from '../../build/web/architectures/placement.js';
import { readSafetensors } from '../../build/web/formats/safetensors.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { valueOfF16 } from '../../wasm-tests/kernels/references.mjs';

/**
 * @typedef {{ shape: readonly number[], values: Float32Array }} Tensor row-major
 * @typedef {{ config: object, tensors: Map<string, Tensor> }} ModelTensors config.json, and the tensors by the file's names
 */

async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** @returns {Promise<ModelTensors>} of a folder with config.json and one model.safetensors */
export async function readModel(folder) {
  const bytes = new Uint8Array(await readFile(join(folder, 'model.safetensors')));
  const tensors = new Map();
  for await (const { tensor } of readSafetensors({ name: 'model.safetensors', size: bytes.length, stream })) {
    const { name, dtype, shape, begin, end } = tensor;
    if (shape.length > 0) tensors.set(name, { shape, values: toF32(dtype, bytes.slice(begin, end)) });
  }
  return { config: await readJson(join(folder, 'config.json')), tensors };

  async function* stream() {
    yield bytes;
  }
}

export async function readTokenizer(folder) {
  const [table, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map((name) => readJson(join(folder, name))),
  );
  return Tokenizer.create(table, config);
}

function toF32(dtype, { buffer }) {
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(buffer), valueOfF16);
  if (dtype === 'BF16') {
    return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  }
  throw new Error(`model.safetensors has weights of the type ${dtype}; this script reads F32, F16 and BF16`);
}

/** @returns the model in an engine of its own, with its weights as 'f32', 'q8' or 'q4' */
export async function createEngineModel({ config, tensors }, weights) {
  const engine = await Engine.create();
  const mapping = mapModel(config);
  const model = engine.createModel(mapping.config, { weights });
  for (const [name, { shape, values }] of tensors) {
    const placement = mapping.tensor(name);
    if (placement === 'skip') continue;
    const writer = model.beginTensor(toTensorRequest(placement, { name, dtype: 'F32', shape }));
    writer.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    writer.end();
  }
  model.finish();
  return { model, maxChunk: engine.maxChunk };
}
