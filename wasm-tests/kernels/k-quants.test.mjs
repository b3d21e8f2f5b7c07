// Products with weights of GGUF's K types: every kernel of kernels.inc gives the bits of the reference.
import '../optimised-node-20.mjs';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertSameBits } from './compare.mjs';
import { normalFloats, uniformRandom } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { K_TYPES, kProduct, randomKBlocks, valuesOfBlocks } from './k-quants-references.mjs';

const golden = JSON.parse(readFileSync(new URL('../fixtures/k-blocks.json', import.meta.url), 'utf8'));
const X_ROWS = [1, 2, 3, 4, 5, 8, 9];
const list = engine.panelKernels();
const kernels = Array.from({ length: list.size() }, (_, i) => list.get(i).split(' ')).filter(
  ([, type]) => type in K_TYPES,
);

const rowsOf = (blocks, rows) =>
  Array.from({ length: rows }, (_, i) =>
    blocks.subarray((i * blocks.length) / rows, ((i + 1) * blocks.length) / rows),
  );

function panelProduct(kernel, x, xRows, blocks, rows, columns) {
  return withHeap((heap) => {
    const yStride = rows + 3;
    const y = heap.space(xRows * yStride, 4);
    engine.panelProduct({
      kernel,
      weights: heap.input(blocks, 4).address,
      columns,
      x: heap.input(x, 8).address,
      nXRows: xRows,
      y: y.address,
      yStride,
      nY: rows,
    });
    const all = y.f32();
    return Float32Array.from(
      { length: xRows * rows },
      (_, i) => all[Math.floor(i / rows) * yStride + (i % rows)],
    );
  });
}

/** The 12 bytes of the 6-bit scales and minima of Q4_K and Q5_K. */
function packSixBits(scale, minimum) {
  const bytes = new Uint8Array(12);
  bytes.fill(scale | ((scale >> 4) << 6), 0, 4);
  bytes.fill(minimum | ((minimum >> 4) << 6), 4, 8);
  bytes.fill((scale & 15) | ((minimum & 15) << 4), 8, 12);
  return bytes;
}

/** Blocks whose fields all have the same value: `integer` fills the bits of q, 0 or 0xff. */
function uniformBlocks(type, count, { d, dmin, scale, minimum, integer }) {
  const { bytes: size } = K_TYPES[type];
  const block = new Uint8Array(size).fill(integer);
  const view = new DataView(block.buffer);
  if (type === 'q6_k') {
    block.fill(scale, 192, 208);
    view.setUint16(208, d, true);
  } else {
    view.setUint16(0, d, true);
    view.setUint16(2, dmin, true);
    block.set(packSixBits(scale & 63, minimum), 4);
  }
  const all = new Uint8Array(count * size);
  for (let i = 0; i < count; ++i) all.set(block, i * size);
  return all;
}

const D = { one: 0x3c00, 'minus one': 0xbc00, 'the smallest': 1, 'the largest': 0x7bff, '-0': 0x8000 };
const SCALES = [
  { scale: 63, minimum: 63 },
  { scale: 127, minimum: 0 },
  { scale: 0x80, minimum: 63 }, // -128 in Q6_K
  { scale: 0, minimum: 17 },
];
const ACTIVATIONS = {
  'the largest': () => 1,
  'the smallest': () => -1,
  'the largest of both signs': (i) => (i % 2 ? 1 : -1),
  'pairs of both signs': (i) => (i % 4 < 2 ? 1 : -1),
  mixed: (i) => ((i * 7919) % 255) - 127,
  zeros: () => 0,
  'very small': (i) => ((i % 7) - 3) * 2 ** -30,
};

test('every K type has kernels', () => {
  assert.deepEqual(new Set(kernels.map(([, type]) => type)), new Set(Object.keys(K_TYPES)));
});

for (const [name, type] of kernels) {
  test(`${name} gives the reference's bits for every size`, () => {
    for (const columns of [256, 512, 768]) {
      for (const rows of [1, 3, 4, 5, 8]) {
        const blocks = randomKBlocks(type, (rows * columns) / 256, uniformRandom(columns + rows));
        const x = normalFloats(columns * 3 + rows, 9 * columns, 3);
        const expected = kProduct(type, x, 9, rowsOf(blocks, rows), columns);
        for (const xRows of X_ROWS) {
          assertSameBits(
            panelProduct(name, x.slice(0, xRows * columns), xRows, blocks, rows, columns),
            expected.subarray(0, xRows * rows),
            `${rows} x ${columns}, ${xRows} rows of x`,
          );
        }
      }
    }
  });

  test(`${name} is exact at the extremes`, () => {
    const [rows, columns, xRows] = [8, 256, 5];
    for (const [dName, d] of Object.entries(D)) {
      for (const scales of SCALES) {
        for (const integer of [0, 0xff]) {
          const blocks = uniformBlocks(type, rows, { d, dmin: d, ...scales, integer });
          for (const [xName, activation] of Object.entries(ACTIVATIONS)) {
            const x = Float32Array.from({ length: xRows * columns }, (_, i) => activation(i));
            assertSameBits(
              panelProduct(name, x, xRows, blocks, rows, columns),
              kProduct(type, x, xRows, rowsOf(blocks, rows), columns),
              `d: ${dName}, ${JSON.stringify(scales)}, q: ${integer}, x: ${xName}`,
            );
          }
        }
      }
    }
  });
}

/** A matrix whose rows come in two parts, the last ones first. */
function withMatrix(type, blocks, rows, columns, body) {
  const rowBytes = blocks.length / rows;
  const middle = Math.ceil(rows / 3);
  const matrix = new engine.Matrix(rows, columns, type);
  try {
    for (const [begin, end] of [
      [middle, rows],
      [0, middle],
    ]) {
      const part = blocks.slice(begin * rowBytes, end * rowBytes);
      assert.ok(withHeap((heap) => matrix.addBlocks(begin, end - begin, heap.input(part, 1).address)));
    }
    return body(matrix);
  } finally {
    matrix.delete();
  }
}

for (const [type, { fileType, bytes, scalesAt }] of Object.entries(K_TYPES)) {
  test(`${type}: a matrix gives the reference's bits, for one row and for many, in both forms`, () => {
    for (const [rows, columns] of [
      [2, 256],
      [17, 512],
      [43, 768],
    ]) {
      const blocks = randomKBlocks(type, (rows * columns) / 256, uniformRandom(rows));
      const x = normalFloats(rows, 9 * columns);
      const expected = kProduct(type, x, 9, rowsOf(blocks, rows), columns);
      withMatrix(type, blocks, rows, columns, (matrix) => {
        for (const form of ['pairs', 'quads']) {
          engine.setDotForm(type, form);
          for (const xRows of X_ROWS) {
            const actual = withHeap((heap) => {
              const y = heap.space(xRows * rows, 8);
              matrix.multiply(heap.input(x.slice(0, xRows * columns), 4).address, xRows, y.address);
              return y.f32().slice();
            });
            assertSameBits(
              actual,
              expected.subarray(0, xRows * rows),
              `${rows} x ${columns}, ${xRows} rows of x, ${form}`,
            );
          }
        }
      });
    }
  });

  test(`${type}: a row read back is what its blocks stand for, to the bit`, () => {
    const [rows, columns] = [19, 512];
    const blocks = randomKBlocks(type, (rows * columns) / 256, uniformRandom(7));
    // A scale below the smallest normal f16, a negative one, zeros, and the largest.
    for (const [block, bits] of [0x0001, 0x83ff, 0x0000, 0x8000, 0x7bff].entries()) {
      for (const at of scalesAt) new DataView(blocks.buffer).setUint16(block * bytes + at, bits, true);
    }
    const expected = valuesOfBlocks(type, blocks);
    withMatrix(type, blocks, rows, columns, (matrix) => {
      for (let row = 0; row < rows; ++row) {
        const actual = withHeap((heap) => {
          const out = heap.space(columns, 4);
          matrix.readRow(row, out.address);
          return out.f32().slice();
        });
        assertSameBits(actual, expected.subarray(row * columns, (row + 1) * columns), `row ${row}`);
      }
    });
  });

  test(`${type}: a row read back is what gguf-py reads, to the bit`, () => {
    const { rows, columns, blocks: encoded, sha256 } = golden[fileType];
    const blocks = Uint8Array.from(Buffer.from(encoded, 'base64'));
    const values = new Float32Array(rows * columns);
    withMatrix(type, blocks, rows, columns, (matrix) => {
      for (let row = 0; row < rows; ++row) {
        withHeap((heap) => {
          const out = heap.space(columns, 4);
          matrix.readRow(row, out.address);
          values.set(out.f32(), row * columns);
        });
      }
    });
    for (const read of [values, valuesOfBlocks(type, blocks)]) {
      assert.equal(createHash('sha256').update(new Uint8Array(read.buffer)).digest('hex'), sha256);
    }
  });

  test(`${type}: scales that are not finite are refused`, () => {
    for (const at of scalesAt) {
      for (const bits of [0x7c00, 0xfc00, 0x7e00]) {
        const blocks = randomKBlocks(type, 18, uniformRandom(3));
        new DataView(blocks.buffer).setUint16(17 * bytes + at, bits, true);
        const matrix = new engine.Matrix(9, 512, type);
        const isTaken = withHeap((heap) => matrix.addBlocks(0, 9, heap.input(blocks).address));
        matrix.delete();
        assert.equal(isTaken, false, `${bits} at ${at}`);
      }
    }
  });

  test(`${type}: activations that are not finite make their own row not finite`, () => {
    const [rows, columns] = [9, 256];
    const blocks = randomKBlocks(type, rows, uniformRandom(1));
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const xRows of [1, 5]) {
        const x = normalFloats(2, xRows * columns);
        x[35] = bad;
        withMatrix(type, blocks, rows, columns, (matrix) => {
          const y = withHeap((heap) => {
            const out = heap.space(xRows * rows, 8);
            matrix.multiply(heap.input(x, 4).address, xRows, out.address);
            return out.f32().slice();
          });
          y.forEach((value, i) => {
            assert.equal(Number.isFinite(value), i >= rows, `${bad}: [${i}] is ${value}`);
          });
        });
      }
    }
  });

  test(`${type}: memory is the panels' and comes back`, () => {
    const before = engine.memoryStats().bytesInUse;
    const panelBlock = { q4_k: 1184, q5_k: 1440, q6_k: 1680 }[type];
    withMatrix(type, randomKBlocks(type, 17 * 2, uniformRandom(1)), 17, 512, (matrix) => {
      assert.equal(matrix.bytes(), 3 * 2 * panelBlock); // panels, blocks
    });
    assert.equal(engine.memoryStats().bytesInUse, before);
  });
}
