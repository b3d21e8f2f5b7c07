// The script of the thread that hashes what is loaded (hash-elsewhere.ts).
import { hashHere } from './content-hash.js';
import type { HashRequest, HashResponse } from './hash-elsewhere.js';

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<HashRequest>) => void) | null;
  postMessage(response: HashResponse, transfer?: ArrayBuffer[]): void;
};
const hash = await hashHere();
scope.onmessage = async ({ data }) => {
  if (data === null) scope.postMessage({ hex: await hash.hex() });
  else {
    hash.add(data);
    scope.postMessage(data.buffer, [data.buffer]);
  }
};
scope.postMessage('ready');
