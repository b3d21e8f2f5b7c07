// Which form of the relaxed dot product runs: the exact ones are tried, and the faster one is chosen by the clock.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { fastestDotForm } from '../../build/web/engine/dot-form.js';
import { exactDotForms } from '../../build/web/engine/relaxed-probe.js';
import { uniformRandom } from '../kernels/data.mjs';
import { load, sottoError, storiesPath } from './support.mjs';

/** The baseline compiler of Node 20 loses what the form quads adds to. */
const EXACT = Number(process.versions.node.split('.')[0]) < 22 ? ['pairs'] : ['pairs', 'quads'];

/** An instance whose products take `usPerProduct[form]` of a time of its own, and a clock that shows it in steps. */
function fakeTime(t, { usPerProduct, stepMs, jitter = () => 0, pauseMs = () => 0 }) {
  let ms = 1000;
  t.mock.method(performance, 'now', () => {
    const step = Math.floor(ms / stepMs);
    return (step + jitter(step)) * stepMs;
  });
  const module = {
    runSampleProducts(_type, form, n) {
      ms += (usPerProduct[form] * n) / 1000 + pauseMs();
    },
  };
  return { instance: { call: (use) => use(module) }, passed: () => ms - 1000 };
}

test('the exact forms are found', async () => {
  assert.deepEqual(await exactDotForms(), EXACT);
});

for (const [clock, stepMs, mostMs] of [
  ['exact', 1e-6, 3],
  ['of 5 us', 0.005, 3],
  ['of 100 us', 0.1, 5],
  ['of 1 ms', 1, 45],
]) {
  for (const [faster, usPerProduct] of [
    ['pairs', { pairs: 0.86, quads: 1.03 }],
    ['quads', { pairs: 2.4, quads: 1.5 }],
  ]) {
    test(`${faster} is chosen where it is faster, with a clock ${clock}`, (t) => {
      const { instance, passed } = fakeTime(t, { usPerProduct, stepMs });
      assert.equal(fastestDotForm(instance, 'q8', ['pairs', 'quads']), faster);
      assert.ok(passed() <= mostMs, `${passed()} ms`);
    });
  }
}

test('a clock that is shaken by a whole step shows a form that takes twice as long', (t) => {
  const uniform = uniformRandom(11);
  const shakes = Array.from({ length: 512 }, uniform);
  const jitter = (step) => shakes[step % shakes.length];
  const { instance } = fakeTime(t, { usPerProduct: { pairs: 2, quads: 1 }, stepMs: 1, jitter });
  assert.equal(fastestDotForm(instance, 'q4', ['pairs', 'quads']), 'quads');
});

test('a program that takes the processor now and then does not decide', (t) => {
  let calls = 0;
  const pauseMs = () => (++calls % 70 === 1 ? 4 : 0);
  const { instance } = fakeTime(t, { usPerProduct: { pairs: 1, quads: 1.3 }, stepMs: 0.005, pauseMs });
  assert.equal(fastestDotForm(instance, 'q8', ['pairs', 'quads']), 'pairs');
});

test('a clock that hardly moves leaves the first form, and soon', (t) => {
  const { instance, passed } = fakeTime(t, { usPerProduct: { pairs: 2, quads: 1 }, stepMs: 100 });
  assert.equal(fastestDotForm(instance, 'q8', ['pairs', 'quads']), 'pairs');
  assert.ok(passed() < 200, `${passed()} ms`);
});

test('a model tells which form it uses: for quantised weights, and in relaxed variants', async (t) => {
  for (const weights of ['q8', 'q4']) {
    const { info } = await load(t, storiesPath, { weights, variant: 'relaxed' });
    assert.deepEqual(Object.keys(info.dotForms), [weights]);
    assert.ok(EXACT.includes(info.dotForms[weights]));
    const plain = await load(t, storiesPath, { weights, variant: 'simd' });
    assert.deepEqual(plain.info.dotForms, {});
  }
  assert.deepEqual((await load(t, storiesPath, { weights: 'f32', variant: 'relaxed' })).info.dotForms, {});
});

test('an engine takes a form, unless it cannot run', async (t) => {
  for (const dotForm of EXACT) (await Engine.create({ variant: 'relaxed', dotForm })).dispose();
  const refused = (options, code, message) =>
    assert.rejects(Engine.create(options), sottoError(code, message));
  await refused({ dotForm: 'fast' }, 'bad-option', /dotForm is "fast".*"quads"/);
  await refused(
    { variant: 'simd', dotForm: 'pairs' },
    'unsupported-environment',
    /pairs cannot run.*simd has no relaxed SIMD.*dotForm/,
  );
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, 'instantiate', async (...args) => {
    const result = await instantiate.apply(WebAssembly, args);
    const { pairs } = result.instance?.exports ?? {};
    return pairs ? { instance: { exports: { pairs, quads: () => 0n } } } : result;
  });
  await refused({ dotForm: 'quads' }, 'unsupported-environment', /quads cannot run.*not exact/);
  (await Engine.create({ dotForm: 'pairs' })).dispose();
});
