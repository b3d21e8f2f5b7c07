// Hashes of what an engine computes, to be compared between hosts. Runs as it is in Node and in a browser's worker.
import { write } from '../api/block-models.mjs';
import { CONFIG, mixed, tensorsOf } from '../api/k-quant-model.mjs';

const SAMPLED_TOKENS = 256;
const SAMPLING = { temperature: 0.9, topP: 0.95, seed: 7 };

/** The parts of the built package that a model goes through on its way into an engine. */
async function importPackage(base) {
  const names = [
    'engine/engine.js',
    'architectures/architectures.js',
    'architectures/placement.js',
    'formats/safetensors.js',
  ];
  const modules = await Promise.all(names.map((name) => import(new URL(name, base).href)));
  return Object.assign({}, ...modules);
}

/** The weight files of a model, one after the other. */
async function weightFiles(read, model) {
  const single = 'model.safetensors';
  const index = model.shards ? JSON.parse(decode(await read(`${model.folder}${single}.index.json`))) : null;
  const names = index === null ? [single] : [...new Set(Object.values(index.weight_map))];
  return names.map((name) => ({ name, bytes: read(model.folder + name) }));
}

const decode = (bytes) => new TextDecoder().decode(bytes);

/** The model of blocks of K types, with a context that many chunks and tokens fit into. */
function makeBlocksModel(engine, weights) {
  const loaded = engine.createModel({ ...CONFIG, contextLength: 64 }, { weights });
  for (const { tensor, type, data } of tensorsOf(mixed)) write(loaded, tensor, type, data);
  loaded.finish();
  return loaded;
}

async function loadModel(sotto, read, model, engine, weights) {
  if (model.blockTypes !== undefined) return makeBlocksModel(engine, weights);
  const { mapModel, toTensorRequest, readSafetensors } = sotto;
  const mapping = mapModel(JSON.parse(decode(await read(`${model.folder}config.json`))));
  const loaded = engine.createModel(mapping.config, { weights });
  for (const { name, bytes: pending } of await weightFiles(read, model)) {
    const bytes = await pending;
    const file = {
      name,
      size: bytes.length,
      async *stream() {
        yield bytes;
      },
    };
    for await (const { tensor, chunks } of readSafetensors(file)) {
      const placement = mapping.tensor(tensor.name);
      if (placement === 'skip') continue;
      const writer = loaded.beginTensor(toTensorRequest(placement, tensor));
      for await (const chunk of chunks) writer.write(chunk);
      writer.end();
    }
  }
  loaded.finish();
  return loaded;
}

/** A prompt for any model: over half of its context, so that it has many chunks and leaves room for tokens. */
function promptFor({ contextLength, vocabSize }) {
  const length = Math.ceil(contextLength * 0.6);
  return Array.from({ length }, (_, i) => (31 * i * i + 7 * i + 3) % vocabSize);
}

/** The first 16 hexadecimal digits of the SHA-256 of an array's bytes. */
async function hash(array) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', array));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Samples from a model; where its context is full it starts again behind the prompt, with the same sampler.
 *
 * @param chunk tokens of the prompt that are appended at once, or 'whole'
 * @returns {Promise<{ tokens: string, logits: string }>} hashes of the tokens, and of the bits of all the logits that
 *   they were drawn from: tokens alone would hardly show a last bit that differs
 */
async function hashesOf(engine, model, chunk) {
  const { config } = model;
  const prompt = promptFor(config);
  const size = chunk === 'whole' ? prompt.length : chunk;
  const session = model.createSession();
  const sampler = engine.createSampler(SAMPLING);
  for (let begin = 0; begin < prompt.length; begin += size) session.append(prompt.slice(begin, begin + size));
  const tokens = new Uint32Array(SAMPLED_TOKENS);
  const logits = new Float32Array(SAMPLED_TOKENS * config.vocabSize);
  for (let i = 0; i < SAMPLED_TOKENS; i++) {
    logits.set(session.logits(), i * config.vocabSize);
    tokens[i] = sampler.sample(session);
    if (session.length < config.contextLength) {
      session.step(tokens[i]);
    } else {
      session.truncate(prompt.length - 1);
      session.step(prompt.at(-1));
    }
  }
  sampler.dispose();
  session.dispose();
  return { tokens: await hash(tokens), logits: await hash(logits) };
}

/**
 * @typedef {object} Job
 * @property {string} base address of the built package's folder, with a slash at its end
 * @property {{ name: string, folder: string, shards: boolean, blockTypes?: string[] }} model `folder`: what `read` takes, up
 *   to a file's name; `blockTypes`: of the model that is made here
 * @property {'f32' | 'q8' | 'q4'} weights
 * @property {object} engine options of Engine.create
 * @property {(number | 'whole')[]} chunks sizes to cut the prompt into
 *
 * @param {Job} job
 * @param {(path: string) => Promise<Uint8Array>} read
 * @returns {Promise<{ variant: string, threads: number, dotForms: object, hashes: { tokens: string, logits: string }[] }>}
 *   what ran; hashes for each of the chunks
 */
export async function tokenHashes({ base, model, weights, engine: options, chunks }, read) {
  const sotto = await importPackage(base);
  const engine = await sotto.Engine.create(options);
  const loaded = await loadModel(sotto, read, model, engine, weights);
  const hashes = [];
  for (const chunk of chunks) hashes.push(await hashesOf(engine, loaded, chunk));
  const { variant, threads } = engine;
  const { dotForms } = loaded;
  loaded.dispose();
  engine.dispose();
  return { variant, threads, dotForms, hashes };
}
