// No memory any more: of WebAssembly, which V8's --wasm-max-mem-pages bounds, and of memoryLimit. Whatever is asked for works or
// is 'out-of-memory'; then the model works as before.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LanguageModel } from 'sotto';
import { fillMemory, tryEverything } from './exhaustion.mjs';
import { fixturePath, sottoError } from './support.mjs';

const child = fileURLToPath(new URL('exhaustion-child.mjs', import.meta.url));
const run = promisify(execFile);

for (const [nPages, weights, nIds] of [
  [256, 'f32', 60],
  [257, 'q8', 33],
  [263, 'f32', 32],
  [280, 'q4', 64],
]) {
  test(`${nPages} pages of 64 KiB, ${weights}, filled with texts of ${nIds} tokens`, async () => {
    const { stdout } = await run(process.execPath, [`--wasm-max-mem-pages=${nPages}`, child, weights, nIds]);
    const { full, roomy, kvPages, isAlive } = JSON.parse(stdout);
    assert.ok(isAlive, 'it generates the same tokens afterwards');
    assert.ok(full.failed >= 8 && full.worked >= 4, JSON.stringify(full));
    assert.ok(roomy.failed < full.failed, JSON.stringify({ full, roomy }));
    assert.ok(kvPages <= 3, `${kvPages} pages are held by nobody but the prefix cache`);
  });
}

test('memoryLimit bounds all that the engine takes, wherever it lies', async () => {
  const load = (memoryLimit) =>
    LanguageModel.load(fixturePath('odd-60'), { worker: false, memoryLimit, prefixCache: 1 << 16 });
  const roomy = await load(undefined);
  const { peakBytes } = await roomy.memory();
  const ids = Array.from({ length: 60 }, (_, i) => (i * 7) % 1003);
  const tokensOf = async (model) =>
    (await model.generate(ids.slice(0, 6), { maxNewTokens: 6 }).result).tokenIds;
  const expected = await tokensOf(roomy);
  await roomy.dispose();
  const sums = { worked: 0, failed: 0 };
  for (let more = 100_003; more < 3_000_000; more = Math.floor(more * 1.35)) {
    const memoryLimit = peakBytes + more;
    const model = await load(memoryLimit);
    const held = await fillMemory(model, ids);
    const { worked, failed } = await tryEverything(model, held, ids);
    sums.worked += worked;
    sums.failed += failed;
    for (const session of held) await session.dispose();
    assert.deepEqual(await tokensOf(model), expected, `${more} bytes more`);
    const memory = await model.memory();
    assert.ok(memory.peakBytes <= memoryLimit, `${memory.peakBytes} of ${memoryLimit}`);
    await model.dispose();
  }
  assert.ok(sums.worked > 50 && sums.failed > 50, JSON.stringify(sums));
});

test('a limit that is too low for the model is refused while it loads, however low', async () => {
  const roomy = await LanguageModel.load(fixturePath('odd-60'), { worker: false });
  const { peakBytes } = await roomy.memory();
  await roomy.dispose();
  for (const memoryLimit of [1, 1000, 65_536, 100_000, 150_000, 0.3, 0.5, 0.8, 0.95].map((limit) =>
    limit < 1 ? Math.floor(limit * peakBytes) : limit,
  )) {
    const loading = LanguageModel.load(fixturePath('odd-60'), { worker: false, memoryLimit });
    await assert.rejects(loading, sottoError('out-of-memory', /bytes/), String(memoryLimit));
  }
});
