// Loads of all kinds side by side, given up at any moment, some of them in one worker of the caller's: each settles in time, and
// afterwards the same worker and the same page load and generate as before. `FUZZ_SEED` and `FUZZ_CASES` make longer runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { LanguageModel, SottoError } from 'sotto';
import { RandomArguments } from './random-arguments.mjs';
import { own } from './random-calls.mjs';
import { Random } from './session-reference.mjs';
import { assertStillWorks, filesOf, fixturePath, storiesPath } from './support.mjs';
import { refuseUnhandledRejections } from './unhandled.mjs';
import { settle, startWatchdog } from './watchdog.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const N_ROUNDS = Number(process.env.FUZZ_CASES ?? 6);
const MOST_MS = 25_000;
const NAMES = ['odd-8', 'odd-60', 'odd-66', 'families/llama-tied', 'families/lfm2-tied'];

refuseUnhandledRejections();

function sourceOf(random, name) {
  const files = filesOf(fixturePath(name));
  const list = () => Object.entries(files).map(([file, bytes]) => new File([bytes], file));
  const chosen = random.integer(0, 6);
  if (chosen === 0) return fixturePath(name);
  if (chosen === 1) return list();
  if (chosen === 2) return new URL(`file://${fixturePath(name)}`);
  if (chosen === 3) return Object.fromEntries(list().map((file) => [file.name, file]));
  if (chosen === 4)
    return Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, bytes.buffer]));
  return files;
}

function optionsOf(random, worker, handle) {
  const some = new RandomArguments(random);
  const options = { worker: random.pick([false, false, worker, worker, true]) };
  const add = (share, make) => random.next() < share && Object.assign(options, make());
  add(0.3, () => ({ weights: some.some(['f32', 'q8', 'q4', 'auto']) }));
  add(0.2, () => ({ threads: some.some([1, 'auto', 2, 0]) }));
  add(0.2, () => ({ variant: some.some(['simd', 'relaxed', 'auto', 'simd-threads']) }));
  add(0.2, () => ({ memoryLimit: some.some([1e6, 2e7, 1e9, 65536]) }));
  add(0.2, () => ({ prefixCache: some.some([0, 1000, 1e9]) }));
  add(0.03, () => ({
    [random.pick(['signal', 'onProgress', 'worker', 'wasm', 'progress', '__proto__'])]: some.junk(),
  }));
  add(0.05, () => ({
    wasm: random.pick([{ bytes: new Uint8Array(9) }, { url: 'data:,' }, { url: 'x' }, {}, { bytes: [] }]),
  }));
  const fail = () => {
    throw own;
  };
  add(0.3, () => {
    const nFree = random.integer(0, 6);
    let n = 0;
    const act = random.pick([
      fail,
      () => Promise.reject(own),
      () => new Promise((resolve) => setTimeout(resolve, 5)),
      () => handle.controller.abort(own),
      () => new Promise((_, reject) => setTimeout(reject, 5, own)),
    ]);
    return { onProgress: () => (n++ < nFree ? undefined : act()) };
  });
  if ('onProgress' in options || random.next() < 0.3) {
    options.signal = handle.controller.signal;
    if (random.next() < 0.7) setTimeout(() => handle.controller.abort(own), random.pick([0, 1, 5, 10, 30]));
  }
  return options;
}

async function loadAndUse(random, label, worker, counts) {
  const handle = { controller: new AbortController() };
  const name = random.pick(NAMES);
  const options = optionsOf(random, worker, handle);
  const shown = `${label}: ${name} ${JSON.stringify(Object.keys(options))} ${String(options.variant)} ${String(options.threads)}`;
  const { value: model, error } = await settle(
    shown,
    () => LanguageModel.load(sourceOf(random, name), options),
    MOST_MS,
  );
  const what = model === undefined ? (error?.code ?? String(error)) : 'done';
  counts[what] = (counts[what] ?? 0) + 1;
  if (model === undefined) {
    const told = `${shown}: ${error?.stack ?? error}`;
    assert.ok(error === own || error instanceof SottoError, told);
    if (error instanceof SottoError) {
      assert.ok(error.message.length <= 1000, told);
      assert.ok(!['engine-crashed', 'disposed'].includes(error.code), told);
      if (['file-not-found', 'bad-file'].includes(error.code))
        assert.match(error.message, /engine's binary|wasm/, told);
    }
    return;
  }
  const { error: failure } = await settle(
    shown,
    () => model.generate([1, 2], { maxNewTokens: 3, temperature: 0 }).result,
    MOST_MS,
  );
  if (failure) assert.equal(failure.code, 'out-of-memory', `${shown}: ${failure.stack}`);
  await settle(`${shown}: dispose`, () => model.dispose());
}

test('random loads side by side', async (t) => {
  const says = startWatchdog(t, 2 * MOST_MS);
  const worker = new Worker(new URL('../../dist/worker.js', import.meta.url));
  t.after(() => worker.terminate());
  const counts = {};
  const random = new Random(SEED * 1_000_037);
  for (let i = 0; i < N_ROUNDS; i++) {
    const label = `seed ${SEED}, round ${i}`;
    says(label);
    const loads = Array.from({ length: random.integer(2, 6) }, () =>
      loadAndUse(random, label, worker, counts),
    );
    await Promise.all(loads);
    for (const where of [worker, false]) {
      const model = await LanguageModel.load(storiesPath, { worker: where });
      await assertStillWorks(model);
      await model.dispose();
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.done > 0 && Object.keys(counts).length > 1, JSON.stringify(counts));
});
