import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { COLUMNS, normalFloats } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';
import { momentsOf } from './references.mjs';

function cutOff(x, deviations, at = 0) {
  return withHeap((heap) => {
    const block = heap.copy(x, at);
    engine.cutOff(block.address, x.length, deviations);
    return block.f32().slice();
  });
}

/**
 * How far an f32 result may be from the exact y = max(x - c, 0), c = mean + d s, s the root of the variance v, whatever the
 * order of the sums; mean^ and v^ are off by dm and dv as in layer-norm.test.mjs.
 *
 *   s:  the root of v^ is off by at most sqrt(dv), or dv / s where that is less, and rounds once: ds
 *   c:  a product and an addition: dc <= dm + |d| ds + gamma(2) (|mean| + dm + |d| (s + ds))
 *   y:  a subtraction: dc + u (|x - c| + dc); that y is cut at 0 makes it no larger
 */
function cutOffBound(x, deviations) {
  const u = UNIT_ROUNDOFF;
  const n = x.length;
  const { mean, variance } = momentsOf(x);
  const s = Math.sqrt(variance);
  const sum = x.reduce((total, value) => total + Math.abs(value), 0);
  const dm = (gamma(n) * sum) / n;
  let dv = 0;
  for (const value of x) {
    const centered = Math.abs(value - mean);
    const dc = dm + u * (centered + dm);
    dv += (2 * centered * dc + dc ** 2 + gamma(n + 1) * (centered + dc) ** 2) / n;
  }
  const root = Math.min(Math.sqrt(dv), s > 0 ? dv / s : Number.POSITIVE_INFINITY);
  const ds = root + u * (s + root);
  const d = Math.abs(deviations);
  const dc = dm + d * ds + gamma(2) * (Math.abs(mean) + dm + d * (s + ds));
  const cut = mean + deviations * s;
  return {
    expected: Float64Array.from(x, (value) => Math.max(value - cut, 0)),
    bound: Float64Array.from(x, (value) => dc + u * (Math.abs(value - cut) + dc)),
  };
}

function assertCutOff(x, deviations, at, where) {
  const { expected, bound } = cutOffBound(x, deviations);
  assertWithin(cutOff(x, deviations, at), expected, bound, where);
}

test('gates of every count, at every misalignment, are cut off', () => {
  for (const deviations of [Math.fround(1.6448536), 0, -0.5]) {
    for (const n of COLUMNS) {
      for (const at of MISALIGNMENTS) {
        assertCutOff(normalFloats(n, n), deviations, at, `${n} at ${at}, ${deviations}`);
      }
    }
  }
});

test('gates far from zero, tiny and huge ones', () => {
  for (const [deviation, mean] of [
    [1, 1000],
    [0.01, -30],
    [1e-15, 0],
    [1e15, 0],
  ]) {
    assertCutOff(normalFloats(7, 60, deviation, mean), 1.5, 0, `${deviation} around ${mean}`);
  }
});

test('of equal gates nothing is left', () => {
  for (const n of COLUMNS) {
    assertSameBits(cutOff(new Float32Array(n).fill(3), 0), new Float32Array(n), `${n}`);
  }
});
