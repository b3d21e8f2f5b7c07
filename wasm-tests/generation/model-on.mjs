// A model for generation/ without a worker, on a backend that tells of its passes.
import { engineBackend } from '../../build/web/engine/backend.js';
import { PrefixCache } from '../../build/web/generation/prefix-cache.js';
import { loadIntoEngine } from '../api/engine-support.mjs';
import { fixturePath, load } from '../api/support.mjs';

/** @returns The model, the tokens of each pass so far, and the same model as a page has it. */
export async function modelOn(t, name, { isLate = false, forms = null } = {}) {
  const reference = await load(t, fixturePath(name));
  const { engine, model } = await loadIntoEngine(t, name);
  const passes = [];
  const backend = engineBackend(engine, model);
  const { pass } = backend;
  backend.pass = async (inputs) => {
    passes.push(inputs.reduce((sum, { ids }) => sum + ids.length, 0));
    if (isLate) await new Promise((resolve) => setTimeout(resolve, 1));
    await pass(inputs);
  };
  const { info } = reference;
  const cache = new PrefixCache(1 << 24);
  return { reference, passes, model: { backend, tokenizer: null, chats: null, forms, info, cache } };
}

/** A caller that keeps what it is told. */
export function listener() {
  const told = { pieces: [], output: null };
  const streamer = {
    put: (piece) => told.pieces.push(piece),
    end: (output) => Object.assign(told, { output }),
    fail: (output) => Object.assign(told, { output }),
  };
  return { told, caller: { streamer, signal: new AbortController().signal, stopWhen: async () => false } };
}
