// The script of the thread that hashes what is loaded (hash-elsewhere.ts).
import { hashHere } from './content-hash.js';
import type { HashRequest, HashResponse } from './hash-elsewhere.js';

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<HashRequest>) => void) | null;
  postMessage(response: HashResponse, transfer?: ArrayBuffer[]): void;
};
// Nothing is awaited at the top: scripts that bundlers write in the classic form have no place for that.
const hashing = hashHere();
scope.onmessage = async ({ data }) => {
  const hash = await hashing;
  if (data === null) scope.postMessage({ hex: await hash.hex() });
  else {
    hash.add(data);
    scope.postMessage(data.buffer, [data.buffer]);
  }
};
hashing.then(
  () => scope.postMessage('ready'),
  (cause) =>
    setTimeout(() => {
      throw cause; // where the page hears it
    }),
);
