import { test } from 'node:test';
import { assertSameBits, assertWithin, UNIT_ROUNDOFF } from './compare.mjs';
import { normalFloats, uniformRandom } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';

const { fround } = Math;

/** { cos, sin } of a position. */
function ropeRow(frequencies, position, factor = 1, at = 0) {
  return withHeap((heap) => {
    const n = frequencies.length;
    const [cos, sin] = [heap.space(n, at), heap.space(n, (at + 4) % 16)];
    const input = heap.input(Float64Array.from(frequencies), at - (at % 8)).address;
    engine.ropeRow(input, n, position, factor, cos.address, sin.address);
    return { cos: cos.f32().slice(), sin: sin.f32().slice() };
  });
}

/** The two doubles that a product is, exactly (T. Dekker, A floating-point technique, 1971). */
function exactProduct(a, b) {
  const split = (x) => {
    const scaled = x * 134217729;
    const high = scaled - (scaled - x);
    return [high, x - high];
  };
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  const product = a * b;
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

/** factor * cos and sin of position * frequency, the product being exact. */
function exactRow(frequencies, position, factor) {
  const angles = Array.from(frequencies, (frequency) => exactProduct(position, frequency));
  return {
    cos: angles.map(([angle, rest]) => factor * (Math.cos(angle) - rest * Math.sin(angle))),
    sin: angles.map(([angle, rest]) => factor * (Math.sin(angle) + rest * Math.cos(angle))),
  };
}

/** The entry is rounded once to f32; besides, sin_cos is within 2^-35, and the angle within 2^-53 of itself. */
function assertRow(frequencies, position, factor = 1, at = 0) {
  const actual = ropeRow(frequencies, position, factor, at);
  const exact = exactRow(frequencies, position, factor);
  for (const which of ['cos', 'sin']) {
    const bound = exact[which].map((value, i) => {
      const before = Math.abs(factor) * (2 ** -35 + position * frequencies[i] * 2 ** -53);
      return before + UNIT_ROUNDOFF * (Math.abs(value) + before) + 2 ** -150;
    });
    assertWithin(actual[which], exact[which], bound, `${which} at ${position}, times ${factor}`);
  }
}

const plainFrequencies = (theta, nDims) =>
  Array.from({ length: nDims / 2 }, (_, k) => theta ** ((-2 * k) / nDims));

test('tables of rotary positions are exact to f32, up to position 1,048,576', () => {
  const uniform = uniformRandom(3);
  for (const theta of [1e4, 5e5, 1e6, 1e11]) {
    for (const nDims of [2, 20, 64, 128]) {
      const frequencies = plainFrequencies(theta, nDims);
      for (const most of [64, 4096, 131072, 1048576]) {
        for (let i = 0; i < 20; ++i) assertRow(frequencies, Math.floor(uniform() * most));
        assertRow(frequencies, most);
      }
    }
  }
});

test('tables in every eighth of a turn and beside its borders', () => {
  const angles = [];
  for (let eighth = 0; eighth <= 32; ++eighth) {
    for (const distance of [-1e-3, -1e-8, 0, 1e-8, 1e-3]) {
      angles.push(Math.max(0, (eighth * Math.PI) / 4 + distance));
    }
  }
  assertRow(angles, 1);
});

test('tables of every number of pairs, at every misalignment, times an attention factor', () => {
  for (const nDims of [2, 4, 6, 8, 10, 14, 18]) {
    for (const at of MISALIGNMENTS) {
      for (const factor of [1, 1.25, fround(1.19)]) assertRow(plainFrequencies(1e4, nDims), 77, factor, at);
    }
  }
});

test('position 0 and a frequency of 0 do not turn', () => {
  const still = { cos: [1, 1, 1], sin: [0, 0, 0] };
  for (const { cos, sin } of [ropeRow([1, 0.5, 1e-9], 0), ropeRow([0, 0, 0], 131071)]) {
    assertSameBits(cos, still.cos, 'cos');
    assertSameBits(sin, still.sin, 'sin');
  }
});

/** Where the two dimensions of pair i are. */
const PAIRINGS = {
  rotateHalf: (i, nPairs) => [i, i + nPairs],
  rotatePairs: (i) => [2 * i, 2 * i + 1],
};

/** The rotation in f32, with a rounding for each operation. */
function rotate(pairing, x, nHeads, headDim, nPairs, cos, sin, sign) {
  const y = x.slice();
  for (let head = 0; head < nHeads; ++head) {
    for (let i = 0; i < nPairs; ++i) {
      const [first, second] = PAIRINGS[pairing](i, nPairs).map((dimension) => head * headDim + dimension);
      const [a, b, s] = [x[first], x[second], sign * sin[i]];
      y[first] = fround(a * cos[i]) - fround(b * s);
      y[second] = fround(b * cos[i]) + fround(a * s);
    }
  }
  return y;
}

for (const pairing of Object.keys(PAIRINGS)) {
  test(`${pairing}: every number of pairs and heads, at every misalignment, both ways`, () => {
    for (const nPairs of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33]) {
      for (const beyond of [0, 1, 5]) {
        const headDim = 2 * nPairs + beyond;
        for (const nHeads of [1, 2, 3, 5]) {
          const x = normalFloats(nPairs + nHeads, nHeads * headDim);
          const { cos, sin } = ropeRow(plainFrequencies(1e4, 2 * nPairs), 5 + nHeads);
          for (const at of MISALIGNMENTS) {
            for (const sign of [1, -1]) {
              const actual = withHeap((heap) => {
                const block = heap.copy(x, at);
                const tables = [heap.input(cos, (at + 4) % 16), heap.input(sin, (3 * at) % 16)];
                const [c, s] = tables.map(({ address }) => address);
                engine[pairing](block.address, nHeads, headDim, nPairs, c, s, sign);
                return block.f32().slice();
              });
              const expected = rotate(pairing, x, nHeads, headDim, nPairs, cos, sin, sign);
              const where = `${nHeads} heads of ${headDim}, ${nPairs} pairs, at ${at}, sign ${sign}`;
              assertSameBits(actual, expected, where);
            }
          }
        }
      }
    }
  });
}
