// The jobs of a page: a worker, because only workers may wait for threads.
import { tokenHashes } from './token-hash.mjs';

async function read(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

self.onmessage = async ({ data: job }) => {
  try {
    self.postMessage({ result: await tokenHashes(job, read) });
  } catch (error) {
    self.postMessage({ error: `${error}\n${error.stack}` });
  }
};
