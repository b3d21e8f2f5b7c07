import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestModule } from '../test-module.mjs';

for (const threads of [1, 2, 3, 4]) {
  test(`${threads} threads visit every index of every loop once`, async (t) => {
    const wasm = await createTestModule({ threads, ...(threads === 1 && { variant: 'simd-threads' }) });
    t.after(() => wasm.endThreads());
    for (const [loops, count, chunk] of [
      [1, 0, 1],
      [1, 1, 1],
      [3000, 2, 1],
      [3000, 7, 2],
      [1000, 101, 1],
      [200, 1000, 7],
      [50, 4096, 64],
      [20, 100_000, 1000],
    ]) {
      assert.equal(wasm.runLoops(loops, count, chunk), 0, `${loops} loops of ${count} by ${chunk}`);
    }
  });
}

test('threads that have gone to sleep wake up', async (t) => {
  const wasm = await createTestModule({ threads: 3 });
  t.after(() => wasm.endThreads());
  for (let i = 0; i < 10; i++) {
    await sleep(20);
    assert.equal(wasm.runLoops(5, 97, 3), 0);
  }
});
