import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { COLUMNS, normalFloats, ROWS } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';

const { fround } = Math;

/**
 * The convolution of one channel over all tokens in double precision, from its definition: y[t] = C[t] (sum_k w[k]
 * z[t - (taps - 1) + k] + bias), z = B u, with zeros before the start. `sizes` has the sums of magnitudes.
 */
function convolve(tokens, weight, bias, channel) {
  const z = tokens.map(({ b, u }) => b[channel] * u[channel]);
  const taps = weight.length;
  return tokens.map(({ c }, t) => {
    let sum = bias === null ? 0 : bias[channel];
    let size = Math.abs(sum);
    for (let k = 0; k < taps; ++k) {
      const product = weight[k][channel] * (z[t - (taps - 1) + k] ?? 0);
      sum += product;
      size += Math.abs(product);
    }
    return { y: c[channel] * sum, size: Math.abs(c[channel]) * size };
  });
}

function exampleOf(nTokens, channels, taps, hasBias) {
  const floats = (seed) => normalFloats(seed + 31 * channels, channels);
  return {
    tokens: Array.from({ length: nTokens }, (_, t) => ({
      b: floats(3 * t + 1),
      c: floats(3 * t + 2),
      u: floats(3 * t + 3),
    })),
    weight: Array.from({ length: taps }, (_, k) => floats(1000 + k)),
    bias: hasBias ? floats(2000) : null,
  };
}

/** Channels in two steps. */
const partsOf = (channels, cut) => [
  [0, cut],
  [cut, channels],
];

/** y of each token, and the state after the last; `isInPlace` writes each state over the one before. */
function run({ tokens, weight, bias }, { at = 0, isInPlace = false, cut = 0 } = {}) {
  const taps = weight.length;
  const channels = weight[0].length;
  let state = new Float32Array((taps - 1) * channels);
  const join = (arrays) => Float32Array.from(arrays.flatMap((array) => [...array]));
  const y = tokens.map(({ b, c, u }) =>
    withHeap((heap) => {
      const gates = heap.input(join([b, c, u]), at).address;
      const weights = heap.input(join(weight), (at + 4) % 16).address;
      const biases = bias === null ? 0 : heap.input(bias, (at + 8) % 16).address;
      const before = isInPlace ? heap.copy(state, at) : heap.input(state, at);
      const after = isInPlace ? before : heap.space(state.length, (at + 4) % 16);
      const out = heap.space(channels, (3 * at) % 16);
      const addresses = { stateIn: before.address, stateOut: after.address, weight: weights, bias: biases };
      for (const [begin, end] of partsOf(channels, cut)) {
        engine.shortConv({ ...addresses, channels, taps, begin, end }, gates, out.address);
      }
      state = after.f32().slice();
      return out.f32().slice();
    }),
  );
  return { y, state };
}

test('short convolution of every number of channels and taps, with and without a bias', () => {
  for (const channels of COLUMNS.slice(0, -1)) {
    for (const taps of [1, 2, 3, 4]) {
      for (const nTokens of ROWS) {
        const example = exampleOf(nTokens, channels, taps, (channels + taps + nTokens) % 2 === 0);
        const { y } = run(example, { at: 4 * (channels % 4) });
        for (let channel = 0; channel < channels; ++channel) {
          const expected = convolve(example.tokens, example.weight, example.bias, channel);
          assertWithin(
            y.map((row) => row[channel]),
            expected.map((token) => token.y),
            // z, its product with a weight, taps + 1 additions, the product with C.
            expected.map((token) => gamma(taps + 4) * token.size),
            `channel ${channel} of ${channels}, ${taps} taps, ${nTokens} tokens`,
          );
        }
      }
    }
  }
});

test('short convolution at every misalignment, in place and out of place, in parts: the same bits', () => {
  for (const channels of [1, 3, 4, 7, 8, 13]) {
    const example = exampleOf(5, channels, 3, true);
    const expected = run(example);
    for (const at of MISALIGNMENTS) {
      for (const isInPlace of [false, true]) {
        const { y, state } = run(example, { at, isInPlace, cut: (at / 4) % channels });
        const where = `${channels} channels at ${at}`;
        y.forEach((row, t) => {
          assertSameBits(row, expected.y[t], `${where}, token ${t}`);
        });
        assertSameBits(state, expected.state, `${where}, state`);
      }
    }
  }
});

test('the state is B u of the last tokens, the oldest first', () => {
  const channels = 6;
  const { tokens, weight } = exampleOf(4, channels, 3, false);
  const expected = [2, 3].flatMap((t) => [...tokens[t].b.map((b, i) => fround(b * tokens[t].u[i]))]);
  assertSameBits(run({ tokens, weight, bias: null }).state, expected, 'after four tokens');
});

test('silu of a convolution, in place and out of place: that of the gated one, of gates that are 1', () => {
  for (const channels of [1, 4, 7, 16]) {
    const { tokens, weight, bias } = exampleOf(4, channels, 3, channels !== 7);
    const ones = new Float32Array(channels).fill(1);
    const { y: sums, state } = run({
      tokens: tokens.map(({ u }) => ({ b: ones, c: ones, u })),
      weight,
      bias,
    });
    let before = new Float32Array(2 * channels);
    tokens.forEach(({ u }, t) => {
      withHeap((heap) => {
        const [stateIn, x] = [heap.input(before), t % 2 ? heap.copy(u) : heap.input(u)];
        const [stateOut, y] = [heap.space(before.length), t % 2 ? x : heap.space(channels)];
        const step = {
          stateIn: stateIn.address,
          stateOut: stateOut.address,
          weight: heap.input(Float32Array.from(weight.flatMap((row) => [...row]))).address,
          bias: bias === null ? 0 : heap.input(bias).address,
          channels,
          taps: 3,
          begin: 0,
          end: channels,
        };
        engine.siluConv(step, x.address, y.address);
        const expected = withHeap((inner) => {
          const copy = inner.copy(sums[t]);
          engine.activate('silu', copy.address, 1, channels, 0);
          return copy.f32().slice();
        });
        assertSameBits(y.f32(), expected, `${channels} channels, token ${t}`);
        before = stateOut.f32().slice();
      });
    });
    assertSameBits(before, state, `${channels} channels, state`);
  }
});
