// Loads models into the engine without the layers above it, as users of sotto/engine do.
import { readFile } from 'node:fs/promises';
import { Engine } from 'sotto/engine';
import { mapModel } from '../../dist/architectures/architectures.js';
import { toTensorRequest } from '../../dist/architectures/placement.js';
import { readSafetensors } from '../../dist/formats/safetensors.js';
import { fixturePath } from './support.mjs';

/** A model of a fixture in an engine of its own, freed when the test ends. */
export async function loadIntoEngine(t, name, { chunkBytes = 1 << 20, weights = 'f32' } = {}) {
  const engine = await Engine.create();
  const mapping = mapModel(JSON.parse(await readFile(`${fixturePath(name)}config.json`, 'utf8')));
  const model = engine.createModel(mapping.config, { weights });
  t.after(() => model.dispose());
  for (const file of await weightFiles(name)) {
    for await (const { tensor, chunks } of readSafetensors(file)) {
      const placement = mapping.tensor(tensor.name);
      if (placement === 'skip') continue;
      const writer = model.beginTensor(toTensorRequest(placement, tensor));
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

async function weightFiles(name) {
  const folder = fixturePath(name);
  const index = await readFile(`${folder}model.safetensors.index.json`, 'utf8').catch(() => null);
  const names = index === null ? ['model.safetensors'] : new Set(Object.values(JSON.parse(index).weight_map));
  return Promise.all(
    [...names].map(async (file) => {
      const bytes = new Uint8Array(await readFile(folder + file));
      return {
        name: file,
        size: bytes.length,
        async *stream() {
          yield bytes;
        },
      };
    }),
  );
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
