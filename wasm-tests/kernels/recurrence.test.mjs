import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';

/** Columns of a state that a block holds (src/kernels/state_block.h). */
const BLOCK = 16;

/** The state in double precision, and how far from it the kernel may be: sums of magnitudes. */
const zeros = (rows, columns) => Array.from({ length: rows }, () => new Float64Array(columns));

/** The gated delta rule from its definition; `sizes` follows it with magnitudes. */
function deltaRule({ rows, columns, tokens }) {
  const state = zeros(rows, columns);
  const sizes = zeros(rows, columns);
  const outs = tokens.map(({ first, second, values, numbers: [decay, beta, kScale, qScale] }) => {
    const out = { y: new Float64Array(columns), size: new Float64Array(columns) };
    for (let j = 0; j < columns; ++j) {
      let held = 0;
      let heldSize = 0;
      for (let i = 0; i < rows; ++i) {
        held += decay * state[i][j] * second[i] * kScale;
        heldSize += Math.abs(decay * sizes[i][j] * second[i] * kScale);
      }
      const taken = (values[j] - held) * beta;
      const takenSize = (Math.abs(values[j]) + heldSize) * beta;
      for (let i = 0; i < rows; ++i) {
        state[i][j] = state[i][j] * decay + second[i] * kScale * taken;
        sizes[i][j] = sizes[i][j] * decay + Math.abs(second[i] * kScale) * takenSize;
        out.y[j] += state[i][j] * first[i] * qScale;
        out.size[j] += Math.abs(sizes[i][j] * first[i] * qScale);
      }
    }
    return out;
  });
  return { outs, state };
}

/** The state space from its definition. */
function stateSpace({ rows, columns, tokens, skip }) {
  const state = zeros(rows, columns);
  const sizes = zeros(rows, columns);
  const outs = tokens.map(({ first, second, values, numbers: [decay, step] }) => {
    const out = { y: new Float64Array(columns), size: new Float64Array(columns) };
    for (let j = 0; j < columns; ++j) {
      for (let i = 0; i < rows; ++i) {
        state[i][j] = state[i][j] * decay + second[i] * step * values[j];
        sizes[i][j] = sizes[i][j] * decay + Math.abs(second[i] * step * values[j]);
        out.y[j] += state[i][j] * first[i];
        out.size[j] += sizes[i][j] * Math.abs(first[i]);
      }
      out.y[j] += skip * values[j];
      out.size[j] += Math.abs(skip * values[j]);
    }
    return out;
  });
  return { outs, state };
}

const KERNELS = [
  { name: 'gatedDelta', reference: deltaRule, numbers: (unit) => [0.2 + 0.79 * unit, unit, 0.4, 0.7] },
  { name: 'stateSpace', reference: stateSpace, numbers: (unit) => [0.2 + 0.79 * unit, 2 * unit] },
];

function exampleOf({ numbers }, rows, columns, nTokens) {
  const unit = (t) => ((37 * t + rows + columns) % 101) / 101;
  return {
    rows,
    columns,
    skip: 0.3,
    tokens: Array.from({ length: nTokens }, (_, t) => ({
      first: normalFloats(10 * t + 1 + rows, rows),
      second: normalFloats(10 * t + 2 + rows, rows),
      values: normalFloats(10 * t + 3 + columns, columns),
      numbers: Float32Array.from(numbers(unit(t))),
    })),
  };
}

const floatsOf = (arrays) => Float32Array.from(arrays.flatMap((array) => [...array]));
const blocks = (columns) => Math.ceil(columns / BLOCK);

/** Tokens in runs of so many, each state in place or not, at a misalignment. */
function run({ name }, { rows, columns, skip, tokens }, { at = 0, runs = [tokens.length] } = {}) {
  let state = new Float32Array(rows * blocks(columns) * BLOCK);
  const outs = [];
  let begin = 0;
  runs.forEach((nTokens, index) => {
    const part = tokens.slice(begin, begin + nTokens);
    begin += nTokens;
    const gap = index % 3; // between rows, as other heads stand there
    withHeap((heap) => {
      const fill = new Float32Array(gap).fill(Number.NaN);
      const input = part.map((token) => floatsOf([token.first, token.second, token.values, fill]));
      const before = index % 2 ? heap.copy(state, at) : heap.input(state, at);
      const after = index % 2 ? before : heap.space(state.length, (at + 4) % 16);
      const out = heap.space(nTokens * columns, at);
      const head = {
        rows,
        columns,
        nTokens,
        in: heap.input(floatsOf(input), (at + 8) % 16).address,
        stride: 2 * rows + columns + gap,
        numbers: heap.input(floatsOf(part.map((token) => token.numbers))).address,
        skip,
        out: out.address,
        outStride: columns,
      };
      engine[name](head, before.address, after.address);
      state = after.f32().slice();
      outs.push(...out.f32());
    });
  });
  return { outs, state };
}

for (const kernel of KERNELS) {
  test(`${kernel.name}: every size and number of tokens, within rounding of the definition`, () => {
    for (const rows of [1, 2, 3, 5, 16, 33]) {
      for (const columns of [1, 3, 4, 7, 15, 16, 17, 40]) {
        const example = exampleOf(kernel, rows, columns, 1 + ((rows + columns) % 6));
        const { outs, state } = kernel.reference(example);
        const actual = run(kernel, example);
        const nRoundings = (rows + 8) * (example.tokens.length + 1);
        assertWithin(
          actual.outs,
          outs.flatMap(({ y }) => [...y]),
          outs.flatMap(({ size }) => [...size].map((sum) => gamma(nRoundings) * sum)),
          `${rows} x ${columns}`,
        );
        // The state lies in blocks of columns, the last one filled up with zeros.
        for (let block = 0; block < blocks(columns); ++block) {
          for (let i = 0; i < rows; ++i) {
            const at = (block * rows + i) * BLOCK;
            const row = [...state[i].subarray(block * BLOCK, (block + 1) * BLOCK)];
            while (row.length < BLOCK) row.push(0);
            const bound = new Array(BLOCK).fill(1e-5 * rows * Math.max(1, ...row.map(Math.abs)));
            assertWithin([...actual.state.subarray(at, at + BLOCK)], row, bound, `state, row ${i}`);
          }
        }
      }
    }
  });

  test(`${kernel.name}: the same bits in any runs of tokens, in place and at any place`, () => {
    for (const [rows, columns] of [
      [5, 7],
      [16, 32],
      [9, 20],
    ]) {
      const example = exampleOf(kernel, rows, columns, 9);
      const expected = run(kernel, example);
      for (const [at, runs] of [
        [0, [1, 1, 1, 1, 1, 1, 1, 1, 1]],
        [4, [4, 5]],
        [8, [1, 8]],
        [12, [2, 3, 4]],
      ]) {
        const actual = run(kernel, example, { at, runs });
        assertSameBits(Float32Array.from(actual.outs), Float32Array.from(expected.outs), `runs of ${runs}`);
        assertSameBits(actual.state, expected.state, `state after runs of ${runs}`);
      }
    }
  });
}
