// Loads models into the engine without the layers above it, as users of sotto/engine do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Engine } from 'sotto/engine';
import { mapModel } from '../../build/web/architectures/architectures.js';
import { mapGguf } from '../../build/web/architectures/gguf.js';
import { toTensorRequest } from '../../build/web/architectures/placement.js';
import { parseJsonFile } from '../../build/web/formats/json.js';
import { readSafetensors } from '../../build/web/formats/safetensors.js';
import { readGguf } from '../formats/read-gguf.mjs';
import { dequantize, quantizeWeights } from '../kernels/quantized-references.mjs';
import { valueOfF16 } from '../kernels/references.mjs';
import { filesOf, fixturePath, fixtureReference } from './support.mjs';

/**
 * A model of a fixture, or of other files by name, in an engine of its own, freed when the test ends.
 *
 * @param {{ chunkBytes?: number, weights?: string, rounded?: 'q8' | 'q4' }} [options] and those of Engine.create.
 *   `rounded`: the weights become what that type makes of them, by the tests' own arithmetic, before the engine sees them
 */
export async function loadIntoEngine(t, source, options = {}) {
  const { chunkBytes = 1 << 20, weights = 'f32', rounded, ...engineOptions } = options;
  const engine = await Engine.create(engineOptions);
  const files = typeof source === 'string' ? filesOf(fixturePath(source)) : source;
  const mapping = mapModel(parseJsonFile(files['config.json'], 'config.json'));
  const model = engine.createModel(mapping.config, { weights });
  t.after(() => model.dispose());
  for (const file of weightFiles(files)) {
    for await (const { tensor, chunks } of readSafetensors(file)) {
      const placement = mapping.tensor(tensor.name);
      if (placement === 'skip') continue;
      const request = toTensorRequest(placement, tensor);
      if (rounded !== undefined && IS_MATRIX.test(request.name)) {
        await writeRounded(model, request, chunks, rounded);
        continue;
      }
      const writer = model.beginTensor(request);
      for await (const chunk of chunks) {
        for (let begin = 0; begin < chunk.length; begin += chunkBytes) {
          writer.write(chunk.subarray(begin, begin + chunkBytes));
        }
      }
      writer.end();
    }
  }
  model.finish();
  return { engine, model };
}

/** The model of a fixture's model.gguf, in an engine of its own, freed when the test ends. */
export async function loadGgufIntoEngine(t, name) {
  const { metadata, tensors, bytesOf, read } = readGguf(readFileSync(`${fixturePath(name)}model.gguf`));
  const engine = await Engine.create();
  const mapping = await mapGguf(metadata, tensors, read);
  const model = engine.createModel(mapping.config, { weights: 'f32' });
  t.after(() => model.dispose());
  for (const tensor of tensors) {
    const placement = mapping.tensor(tensor.name);
    if (placement === 'skip') continue;
    const writer = model.beginTensor(toTensorRequest(placement, tensor));
    writer.write(bytesOf(tensor.name));
    writer.end();
  }
  model.finish();
  return { engine, model };
}

/** Says that a fixture's model chooses what its reference chooses, behind every prompt of it. */
export async function assertGreedyOfReference(t, name, load = loadIntoEngine) {
  const { engine, model } = await load(t, name);
  const { cases } = fixtureReference(name);
  assert.ok(cases.length > 0);
  for (const { promptIds, greedy: expected } of cases) {
    const session = model.createSession();
    session.append(promptIds);
    assert.deepEqual(greedy(engine, session, expected.tokenIds.length), expected.tokenIds);
    session.dispose();
  }
}

/** The engine's tensors that are kept in blocks: factors of products. */
const IS_MATRIX = /(?:^token_embedding|^head|qkv|output|up|down|convolution\.in|convolution\.out)\.weight$/;

/** Writes a matrix as f32 numbers that `type` can hold exactly: each row of the engine's matrix in blocks. */
async function writeRounded(model, request, chunks, type) {
  const bytes = [];
  for await (const chunk of chunks) bytes.push(chunk.slice());
  const values = floatsOf(request.dtype, new Uint8Array(Buffer.concat(bytes)));
  const { rows, columns, transposed } = request;
  const [nLines, length] = transposed ? [columns, rows] : [rows, columns];
  for (let line = 0; line < nLines; line++) {
    const place = (i) => (transposed ? i * columns + line : line * columns + i);
    const row = Float32Array.from({ length }, (_, i) => values[place(i)]);
    dequantize(quantizeWeights(type, row), length).forEach((value, i) => {
      values[place(i)] = value;
    });
  }
  const writer = model.beginTensor({ ...request, dtype: 'F32' });
  writer.write(new Uint8Array(values.buffer));
  writer.end();
}

function floatsOf(dtype, bytes) {
  if (dtype === 'F32') return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  if (dtype === 'F16') return Float32Array.from(halves, valueOfF16);
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/**
 * How far, as a share of their size, a quantised model's logits may be from those of its rounded weights: what is left are
 * the roundings of what the weights are multiplied by. In a block of 32 numbers that become integers up to `most`, a step is
 * the largest magnitude / most, the error of each is step / sqrt(12) (root mean square), and the largest of 32 normal
 * numbers is 2.1 to 2.5 times their size. Four inputs of products a layer and that of the head are rounded so, and keys and
 * values to 127; these errors are independent. Twice that, because a gate multiplies what errs, and because a few tokens
 * scatter. (Weights that were not rounded at all would be off by 0.2 and more in q4.)
 */
export function mostRoundingError(type, nLayers) {
  const relative = (most) => 2.5 / (Math.sqrt(12) * most);
  const ofInputs = (4 * nLayers + 1) * relative(type === 'q8' ? 63 : 127) ** 2;
  const ofKeysAndValues = 2 * nLayers * relative(127) ** 2;
  return 2 * Math.sqrt(ofInputs + ofKeysAndValues);
}

function weightFiles(files) {
  const index = files['model.safetensors.index.json'];
  const names =
    index === undefined
      ? ['model.safetensors']
      : new Set(Object.values(JSON.parse(new TextDecoder().decode(index)).weight_map));
  return [...names].map((name) => ({
    name,
    size: files[name].length,
    async *stream() {
      yield files[name];
    },
  }));
}

/** Appends ids in chunks of the given size; gives the logits of every position, row after row. */
export function appendInChunks(session, ids, size, vocabSize) {
  const logits = new Float32Array(ids.length * vocabSize);
  for (let begin = 0; begin < ids.length; begin += size) {
    session.append(ids.slice(begin, begin + size), { allLogits: true });
    logits.set(session.logits(), begin * vocabSize);
  }
  return logits;
}

/** The next tokens when always the likeliest is chosen. */
export function greedy(engine, session, count) {
  const sampler = engine.createSampler();
  const tokens = [];
  for (;;) {
    tokens.push(sampler.sample(session));
    if (tokens.length === count) break;
    session.step(tokens.at(-1));
  }
  sampler.dispose();
  return tokens;
}
