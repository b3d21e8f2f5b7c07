// The residual streams of one row, predicted and corrected.
import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { COLUMNS, normalFloats } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';

const COUNTS = [2, 3, 4, 16];

function predict(x, n, columns, coefficients, at = 0) {
  return withHeap((heap) => {
    const streams = heap.copy(x, at);
    engine.predictStreams(streams.address, n, columns, heap.input(coefficients, at).address);
    return streams.f32().slice();
  });
}

function correct(x, n, active, columns, predicted, coefficients, at = 0) {
  return withHeap((heap) => {
    const streams = heap.copy(x, at);
    const [before, factors] = [heap.input(predicted, (at + 4) % 16), heap.input(coefficients, at)];
    engine.correctStreams(streams.address, n, active, columns, before.address, factors.address);
    return streams.f32().slice();
  });
}

test('streams are predicted: x_i + sum over j of c_ij x_j', () => {
  for (const n of COUNTS) {
    const coefficients = normalFloats(n, n * n);
    for (const columns of COLUMNS) {
      const x = normalFloats(columns, n * columns);
      const expected = new Float64Array(x.length);
      const bound = new Float64Array(x.length);
      for (const at of x.keys()) {
        const [stream, column] = [Math.floor(at / columns), at % columns];
        let sizes = Math.abs(x[at]);
        expected[at] = x[at];
        for (let j = 0; j < n; j++) {
          const term = coefficients[stream * n + j] * x[j * columns + column];
          expected[at] += term;
          sizes += Math.abs(term);
        }
        bound[at] = gamma(n + 1) * sizes; // a product and n additions
      }
      for (const at of MISALIGNMENTS) {
        assertWithin(
          predict(x, n, columns, coefficients, at),
          expected,
          bound,
          `${n} of ${columns} at ${at}`,
        );
      }
    }
  }
});

test('coefficients of zero leave the streams as they are', () => {
  for (const columns of COLUMNS) {
    const x = normalFloats(columns, 4 * columns);
    assertSameBits(predict(x, 4, columns, new Float32Array(16)), x, `${columns}`);
  }
});

test('streams are corrected: p_i + c_i (x - p), x being what the layer made of p', () => {
  for (const n of COUNTS) {
    const coefficients = normalFloats(n, n);
    for (const columns of COLUMNS) {
      const x = normalFloats(columns, n * columns);
      const predicted = normalFloats(columns + 1, columns);
      for (const active of [0, 1, n - 1]) {
        const expected = x.map((value, at) => {
          const [stream, column] = [Math.floor(at / columns), at % columns];
          const difference = Math.fround(x[active * columns + column] - predicted[column]);
          const before = stream === active ? predicted[column] : value;
          return before + Math.fround(coefficients[stream] * difference);
        });
        for (const at of MISALIGNMENTS) {
          const actual = correct(x, n, active, columns, predicted, coefficients, at);
          assertSameBits(actual, expected, `${active} of ${n}, ${columns} at ${at}`);
        }
      }
    }
  }
});
