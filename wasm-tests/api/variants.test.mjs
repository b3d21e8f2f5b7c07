// Which binary runs, with how many threads, and that it makes no difference to the tokens.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { LanguageModel } from 'sotto';
import { Engine } from 'sotto/engine';
import { exactDotForms } from '../../build/web/engine/relaxed-probe.js';
import { assertStillWorks, load, sottoError, storiesPath } from './support.mjs';

/** Every variant that runs here, with the numbers of threads to try. */
const CASES = [
  ['simd', 1],
  ['simd-threads', 1],
  ['simd-threads', 2],
  ['simd-threads', 3],
  ['relaxed', 1],
  ['relaxed-threads', 2],
];

for (const weights of ['f32', 'q8', 'q4']) {
  test(`${weights}: the same tokens in every variant, with every number of threads`, async (t) => {
    const runs = [];
    for (const [variant, threads] of CASES) {
      const model = await load(t, storiesPath, { weights, variant, threads });
      assert.deepEqual([model.info.variant, model.info.threads], [variant, threads]);
      const options = { temperature: 0.9, topP: 0.95, seed: 7, maxNewTokens: 100 };
      runs.push((await model.generate('One day a small fox', options).result).tokenIds);
    }
    for (const [i, tokenIds] of runs.entries()) assert.deepEqual(tokenIds, runs[0], String(CASES[i]));
  });
}

test('the best variant is chosen, and says why', async (t) => {
  const alone = await load(t, storiesPath, { threads: 1 });
  assert.equal(alone.info.variant, 'relaxed');
  assert.match(alone.info.variantReason, /relaxed SIMD.*one thread$/);
  const together = await load(t, storiesPath, { threads: 2 });
  assert.equal(together.info.variant, 'relaxed-threads');
  assert.match(together.info.variantReason, /2 threads, as asked for/);
  const small = await load(t, storiesPath);
  assert.equal(small.info.threads, 1, 'below 10 million weights threads only wait for each other');
  const engine = await Engine.create({ threads: 'auto' });
  t.after(() => engine.dispose());
  assert.ok(engine.threads >= 1 && engine.threads <= 8);
  assert.match(engine.variantReason, /of \d+ processors/);
});

test('an engine has one thread unless it is asked for more', async () => {
  const engine = await Engine.create();
  assert.equal(engine.threads, 1);
  engine.dispose();
  engine.dispose();
  assert.throws(() => engine.memory(), sottoError('disposed', /engine/));
});

test('threads and variants that are none, or do not go together, are refused', async () => {
  const refused = (options, code, message) =>
    assert.rejects(LanguageModel.load(storiesPath, options), sottoError(code, message));
  for (const threads of [0, 33, -1, 1.5, Number.NaN, '2', null]) {
    await refused({ threads }, 'bad-option', /threads is .* from 1 to 32/);
  }
  await refused({ variant: 'fast' }, 'bad-option', /variant is "fast".*"relaxed-threads"/);
  await refused({ variant: 'simd', threads: 2 }, 'unsupported-environment', /2 threads.*simd has one thread/);
});

test('a runtime whose relaxed SIMD is not exact gets plain SIMD', async (t) => {
  assert.ok((await exactDotForms()).includes('pairs'));
  const { instantiate } = WebAssembly;
  const wrong = () => 0n;
  t.mock.method(WebAssembly, 'instantiate', async (...args) => {
    const result = await instantiate.apply(WebAssembly, args);
    const isProbe = result.instance?.exports.pairs !== undefined;
    return isProbe ? { instance: { exports: { pairs: wrong, quads: wrong } } } : result;
  });
  assert.deepEqual(await exactDotForms(), []);
  const engine = await Engine.create();
  assert.equal(engine.variant, 'simd');
  assert.match(engine.variantReason, /not exact/);
  await assert.rejects(
    Engine.create({ variant: 'relaxed' }),
    sottoError('unsupported-environment', /relaxed cannot run.*not exact/),
  );
});

test('a runtime without relaxed SIMD gets plain SIMD', async (t) => {
  const { validate } = WebAssembly;
  // The opcodes of relaxed SIMD are from 0xfd 0x80 0x02 on.
  const isRelaxed = (bytes) =>
    bytes.some((byte, i) => byte === 0xfd && bytes[i + 1] >= 0x80 && bytes[i + 2] === 2);
  t.mock.method(WebAssembly, 'validate', (bytes) => !isRelaxed(new Uint8Array(bytes)) && validate(bytes));
  const engine = await Engine.create();
  assert.equal(engine.variant, 'simd');
  assert.match(engine.variantReason, /no relaxed SIMD/);
});

/** What keeps threads from starting, beyond what a runtime says of itself. */
const OBSTACLES = {
  'a helper that is not made': (t, { Worker }) =>
    t.mock.method(Worker.prototype, 'on', fails('no more threads')),
  'memory that cannot be shared': (t, { Worker }) =>
    t.mock.method(Worker.prototype, 'postMessage', fails('no more threads')),
  'shared memory of 4 GiB that is not there': (t) => {
    const { Memory } = WebAssembly;
    t.after(() => {
      WebAssembly.Memory = Memory;
    });
    WebAssembly.Memory = new Proxy(Memory, {
      construct(target, [options]) {
        if (options.shared) throw new RangeError('no more threads');
        return new target(options);
      },
    });
  },
};

function fails(message) {
  return () => {
    throw new Error(message);
  };
}

for (const [name, obstruct] of Object.entries(OBSTACLES)) {
  test(`'auto' takes one thread, and says why: ${name}`, async (t) => {
    const alone = await Engine.create({ threads: 1 });
    t.after(() => alone.dispose());
    obstruct(t, await import('node:worker_threads'));
    const engine = await Engine.create({ threads: 'auto' });
    t.after(() => engine.dispose());
    assert.deepEqual([engine.threads, engine.variant], [1, alone.variant]);
    assert.match(engine.variantReason, /one thread, because more did not start: no more threads/);
    const refused = sottoError(
      /GiB/.test(name) ? 'out-of-memory' : 'unsupported-environment',
      /no more threads/,
    );
    await assert.rejects(Engine.create({ threads: 2 }), refused);
    await assert.rejects(LanguageModel.load(storiesPath, { threads: 2 }), refused);
  });
}

test('WebAssembly that is forbidden, broken or absent is an environment that is not supported', async (t) => {
  const cases = [
    ['validate', /WebAssembly is forbidden here.*'wasm-unsafe-eval' in script-src/],
    ['instantiate', /WebAssembly is forbidden here.*'wasm-unsafe-eval' in script-src/],
    ['compile', /WebAssembly is forbidden here.*'wasm-unsafe-eval' in script-src/],
  ];
  const policy = () => {
    throw new WebAssembly.CompileError("blocked: 'unsafe-eval' is not an allowed source in the policy");
  };
  // A binary of one's own: those of the package are compiled already.
  const wasm = { bytes: await readFile(new URL('../../dist/wasm/simd.wasm', import.meta.url)) };
  for (const [name, message] of cases) {
    const refusals = [
      [policy, message],
      [fails('out of order'), /out of order/],
    ];
    if (name !== 'validate') refusals.push([async () => policy(), message]); // that one gives no promise
    for (const [refuse, expected] of refusals) {
      const { mock } = t.mock.method(WebAssembly, name, refuse);
      const refused = sottoError('unsupported-environment', expected);
      await assert.rejects(Engine.create({ wasm }), refused, name);
      await assert.rejects(LanguageModel.load(storiesPath, { wasm }), refused, name);
      mock.restore();
    }
  }
  const { WebAssembly: original } = globalThis;
  t.after(() => {
    globalThis.WebAssembly = original;
  });
  for (const absent of [undefined, null, {}, Object.freeze({ validate() {} })]) {
    globalThis.WebAssembly = absent;
    await assert.rejects(
      LanguageModel.load(storiesPath, { wasm: { url: 'simd.wasm' } }),
      sottoError('unsupported-environment', /no WebAssembly, or it is switched off/),
    );
  }
  globalThis.WebAssembly = Object.freeze(Object.create(original));
  await assertStillWorks(await load(t, storiesPath));
});

test('helper threads end with the model, and a process may end without asking them', async () => {
  const script = `
    import { LanguageModel } from 'sotto';
    const load = () => LanguageModel.load(${JSON.stringify(storiesPath)}, { threads: 3 });
    for (let i = 0; i < 5; i++) await (await load()).dispose();
    const kept = await load();
    await kept.generate('Once', { maxNewTokens: 3 }).result;
    const workers = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker');
    console.log(workers.length);
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('../../', import.meta.url),
    timeout: 30_000,
  });
  assert.equal((await run).stdout, '0\n'); // none of them keeps it alive
});

test('a helper thread that stops at a bug is told, and the next load works', async (t) => {
  const { Worker } = await import('node:worker_threads');
  const post = Worker.prototype.postMessage;
  let helpers = [];
  t.mock.method(Worker.prototype, 'postMessage', function (...args) {
    helpers.push(this);
    return post.apply(this, args);
  });
  const model = await load(t, storiesPath, { threads: 2 });
  helpers[0].emit('error', new Error('out of bounds'));
  await assert.rejects(
    model.generate('Once').result,
    sottoError('engine-crashed', /helper thread.*out of bounds/),
  );
  helpers = [];
  await assertStillWorks(await load(t, storiesPath, { threads: 2 }));
});
