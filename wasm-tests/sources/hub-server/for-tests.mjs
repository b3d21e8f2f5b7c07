import assert from 'node:assert/strict';

import { startHub } from '../hub-server.mjs';

/** Bytes without a pattern that parts of them could share. */
export const bytesOf = (length, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 13) & 0xff);

export const WEIGHTS = bytesOf(200_003);
export const CONFIG = `{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"x":"${'-'.repeat(1200)}"}`;
export const ID = 'owner/tiny';

/** A hub that ends with the test. */
export async function hubFor(t, options = {}) {
  const files = {
    'config.json': CONFIG,
    'model.safetensors': WEIGHTS,
    'empty.txt': '',
    'onnx/sub dir/a+b#?.json': '1',
    'onnx/model.gguf': bytesOf(50, 2),
  };
  const hub = await startHub({ repos: { [ID]: { files } }, ...options });
  t.after(() => hub.close());
  return hub;
}

/** Fetches below the hub's address, without following redirects. */
export const ask = (hub, path, options = {}) =>
  fetch(new URL(path, hub.endpoint), { redirect: 'manual', ...options });

/** The bytes of a body, or of a promise of a response. */
export const bodyOf = async (response) => new Uint8Array(await (await response).arrayBuffer());

/** The address of a file on the CDN, by a new signature. */
export async function cdnOf(hub, path = 'model.safetensors', id = ID) {
  const response = await ask(hub, `/${id}/resolve/main/${path}`);
  await response.text();
  return response.headers.get('location');
}

/** Asserts headers by name; null for those that must be absent. */
export function hasHeaders(response, headers) {
  for (const [name, value] of Object.entries(headers)) {
    if (value instanceof RegExp) assert.match(response.headers.get(name) ?? '', value, name);
    else assert.equal(response.headers.get(name), value === null ? null : String(value), name);
  }
}
