// Loads models into the engine without the layers above it, as users of sotto/engine do.
import { Engine } from 'sotto/engine';
import { mapModel } from '../../dist/architectures/architectures.js';
import { toTensorRequest } from '../../dist/architectures/placement.js';
import { readSafetensors } from '../../dist/formats/safetensors.js';
import { filesOf, fixturePath } from './support.mjs';

/** A model of a fixture, or of other files by name, in an engine of its own, freed when the test ends. */
export async function loadIntoEngine(t, source, { chunkBytes = 1 << 20, weights = 'f32', ...options } = {}) {
  const engine = await Engine.create(options);
  const files = typeof source === 'string' ? filesOf(fixturePath(source)) : source;
  const mapping = mapModel(JSON.parse(new TextDecoder().decode(files['config.json'])));
  const model = engine.createModel(mapping.config, { weights });
  t.after(() => model.dispose());
  for (const file of weightFiles(files)) {
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
