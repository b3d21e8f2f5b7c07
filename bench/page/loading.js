// Runs in the page: how long a file of a model takes to come.
import { LanguageModel } from '/sotto/index.js';

const seconds = () => performance.now() / 1000;

/** By fetch alone, in a worker as the library does it, and nothing kept. */
export async function fetchSeconds({ file }) {
  const read = async ({ data }) => {
    const begin = performance.now();
    const reader = (await fetch(data)).body.getReader({ mode: 'byob' });
    let buffer = new ArrayBuffer(1 << 20);
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      buffer = value.buffer;
    }
    postMessage((performance.now() - begin) / 1000);
  };
  const script = URL.createObjectURL(new Blob([`onmessage = ${read}`], { type: 'text/javascript' }));
  const worker = new Worker(script);
  const elapsed = new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  worker.postMessage(new URL(`/model/${file}`, location.href).href);
  return elapsed;
}

/** Into a model that is ready to generate. */
export async function loadSeconds({ file, threads }) {
  const begin = seconds();
  await LanguageModel.load(`/model/${file}`, { threads });
  return seconds() - begin;
}

/**
 * By its name: without a store, then for the first time, then again.
 *
 * @returns {Promise<{ plain: number, first: number, second: number }>} seconds
 */
export async function namedSeconds({ id, endpoint, weights, threads }) {
  const load = async (source, options) => {
    const begin = seconds();
    const model = await LanguageModel.load(source, { weights, threads, ...options });
    const elapsed = seconds() - begin;
    await model.dispose();
    return elapsed;
  };
  const plain = await load('/model/', { store: false });
  const first = await load(id, { endpoint });
  const second = await load(id, { endpoint });
  return { plain, first, second };
}
