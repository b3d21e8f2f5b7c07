import assert from 'node:assert/strict';
import { test } from 'node:test';

import { float64ToFloat32 } from '../../build/web/formats/float64.js';

const VALUES = [0, -0, 1, -1 / 3, Math.PI, 1e-46, 1e300, -1e300, Number.NaN, Number.NEGATIVE_INFINITY, 1e-40];

async function* cut(bytes, size) {
  for (let begin = 0; begin < bytes.length; begin += size) yield bytes.subarray(begin, begin + size);
}

test('numbers become the nearest ones of 32 bits, wherever chunks end', async () => {
  const bytes = new Uint8Array(Float64Array.from(VALUES).buffer);
  for (const size of [1, 3, 8, 13, 1000]) {
    const parts = [];
    for await (const chunk of float64ToFloat32(cut(bytes, size))) parts.push(chunk);
    const result = new Float32Array(await new Blob(parts).arrayBuffer());
    assert.deepEqual([...result], VALUES.map(Math.fround), `in chunks of ${size}`);
  }
});
