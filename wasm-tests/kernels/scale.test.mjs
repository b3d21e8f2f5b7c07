// What is done to logits and to rows as a whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { COLUMNS, normalFloats } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';
import { softcap } from './references.mjs';

function inPlace(kernel, x, argument, at = 0) {
  return withHeap((heap) => {
    const block = heap.copy(x, at);
    kernel(block.address, x.length, argument);
    return block.f32().slice();
  });
}

test('numbers are scaled, with one rounding', () => {
  const factor = Math.fround(0.3);
  for (const n of [0, ...COLUMNS]) {
    for (const at of MISALIGNMENTS) {
      const x = normalFloats(n, n);
      const expected = x.map((value) => value * factor);
      assertSameBits(inPlace(engine.scale, x, factor, at), expected, `${n} at ${at}`);
    }
  }
});

test('a softcap is cap * tanh(x / cap), of small numbers too', () => {
  for (const cap of [15, 30, 0.1]) {
    for (const deviation of [1e-20, 1e-3, 1, 1000]) {
      for (const n of [0, ...COLUMNS]) {
        for (const at of MISALIGNMENTS) {
          const x = normalFloats(n, n, deviation);
          const exact = Array.from(x, (value) => softcap(value, Math.fround(cap)));
          // A division, which tanh does not enlarge, tanh's 2 units of 2u each, a product.
          const bound = exact.map((value) => gamma(6) * Math.abs(value) + 2 ** -148);
          assertWithin(
            inPlace(engine.softcap, x, cap, at),
            exact,
            bound,
            `${n} of ${deviation} at ${at}, ${cap}`,
          );
        }
      }
    }
  }
});

test('a softcap of zeros, infinities and NaN', () => {
  const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
  const x = Float32Array.of(0, -0, infinity, -infinity, 3.4e38, nan);
  const actual = inPlace(engine.softcap, x, 30);
  assertSameBits(actual.subarray(0, 5), [0, -0, 30, -30, 30], 'capped at 30');
  assert.ok(Number.isNaN(actual[5]));
});
