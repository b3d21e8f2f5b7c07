import { test } from 'node:test';
import { assertSameBits } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

test('a strip of a matrix is transposed, at every size and alignment', () => {
  for (const rows of SIZES) {
    for (const columns of SIZES) {
      const stride = columns + (rows % 3);
      const input = normalFloats(rows + 100 * columns, rows * stride);
      const expected = Float32Array.from(
        { length: rows * columns },
        (_, i) => input[(i % rows) * stride + Math.floor(i / rows)],
      );
      for (const at of MISALIGNMENTS) {
        const actual = withHeap((heap) => {
          const out = heap.space(rows * columns, (at + 4) % 16);
          engine.transpose(heap.input(input, at).address, rows, columns, stride, out.address);
          return out.f32().slice();
        });
        assertSameBits(actual, expected, `${rows} x ${columns} of ${stride} at ${at}`);
      }
    }
  }
});
