import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemorySource } from '../../build/web/sources/memory.js';
import { readBytes } from '../../build/web/sources/read.js';

function fileOf(bytes) {
  return new MemorySource({ 'config.json': bytes }).open('config.json');
}

test('a file is read whole, with progress', async () => {
  const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => i & 0xff);
  const loaded = [];
  const result = await readBytes(await fileOf(bytes), {
    maxBytes: bytes.length,
    onBytes: (n) => loaded.push(n),
  });
  assert.deepEqual(result, bytes);
  assert.notEqual(result.buffer, bytes.buffer);
  assert.deepEqual(loaded, [1 << 20, 2 << 20, 2_500_000]);
});

test('chunks that the source uses again do not spoil what was read', async () => {
  const buffer = new Uint8Array(2);
  const file = {
    name: 'x',
    size: null,
    async *stream() {
      for (const value of [1, 2, 3]) yield buffer.fill(value);
    },
  };
  assert.deepEqual([...(await readBytes(file, { maxBytes: 6 }))], [1, 1, 2, 2, 3, 3]);
});

test('a file that is too large is refused and let go, at once where its size is known', async () => {
  let nRead = 0;
  let nReleased = 0;
  const file = (size) => ({
    name: 'config.json',
    size,
    async *stream() {
      try {
        for (;;) {
          nRead++;
          yield new Uint8Array(10);
        }
      } finally {
        nReleased++;
      }
    },
  });
  const expected = (size) => ({
    name: 'SottoError',
    code: 'bad-file',
    message: new RegExp(`^config.json holds ${size} bytes or more, and at most 25 are expected`),
  });
  await assert.rejects(readBytes(file(26), { maxBytes: 25 }), expected(26));
  assert.equal(nRead, 1);
  await assert.rejects(readBytes(file(null), { maxBytes: 25 }), expected(30));
  assert.equal(nRead, 1 + 3);
  assert.equal(nReleased, 2);
});
