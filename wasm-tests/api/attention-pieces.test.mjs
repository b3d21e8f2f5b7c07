// Pieces of attention in a model of one layer without an MLP and without norms, against attention written out in double
// precision: the output gate and proportional rotary frequencies, which no family of today's fixtures has; and what taps
// and kv() show where several heads share keys and values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';

const [VOCAB, HIDDEN, DIM] = [13, 10, 6];
const THETA = 100;
const IDS = [4, 0, 12, 7, 7];

const config = ([nHeads, nKvHeads], change) => ({
  vocabSize: VOCAB,
  contextLength: 8,
  hiddenSize: HIDDEN,
  positionTable: false,
  embeddingScale: 1,
  embeddingNorm: null,
  kinds: [
    {
      mixer: {
        type: 'attention',
        nHeads,
        nKvHeads,
        headDim: DIM,
        qkvBias: false,
        outputBias: false,
        gate: false,
        valuesAreKeys: false,
        sharedKeys: null,
        qkNorm: null,
        vNorm: null,
        rope: null,
        queryScaling: null,
        window: 0,
        softcap: 0,
        scale: 0.4,
        ...change,
      },
      beside: null,
      mlp: null,
      mixerNorm: null,
      mixerPostNorm: null,
      mlpNorm: null,
      mlpPostNorm: null,
      parallel: false,
      mixerScale: 1,
      mlpScale: 1,
      laurel: null,
      perLayerInput: null,
      outputScale: false,
    },
  ],
  layers: [0],
  finalNorm: null,
  perLayerInputs: null,
  altUp: null,
  tiedHead: true,
  headBias: false,
  logitScale: 1,
  logitSoftcap: 0,
});

/** Numbers that look random and are the same everywhere. */
const matrix = (rows, columns, seed) =>
  Array.from({ length: rows }, (_, r) =>
    Float32Array.from({ length: columns }, (_, c) => Math.sin(seed + 12.9898 * r + 78.233 * c) * 0.9),
  );

const product = (w, x) => w.map((row) => row.reduce((sum, weight, i) => sum + weight * x[i], 0));

/** Turns the halves of a head: dimension k with k + DIM / 2, by these radians. */
function turned(head, angles) {
  const half = DIM / 2;
  const out = [...head];
  for (let k = 0; k < half; k++) {
    const [cos, sin] = [Math.cos(angles[k]), Math.sin(angles[k])];
    out[k] = head[k] * cos - head[k + half] * sin;
    out[k + half] = head[k + half] * cos + head[k] * sin;
  }
  return out;
}

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/**
 * The logits of each position, the attention weights [head][row][position] with zeros behind a row, and keys and values
 * [kv head][position]. Head h attends to the keys of head floor(h n_kv_heads / n_heads).
 */
function reference({ embedding, qkv, output }, [nHeads, nKvHeads], { hasGate, frequencies }) {
  const rows = IDS.map((id, position) => {
    const x = [...embedding[id]];
    const all = product(qkv, x);
    const angles = frequencies.map((f) => f * position);
    const heads = (begin, n) =>
      Array.from({ length: n }, (_, h) => all.slice(begin + h * DIM, begin + (h + 1) * DIM));
    const q = heads(0, nHeads).map((head) => turned(head, angles));
    const gate = all.slice(nHeads * DIM, (hasGate ? 2 : 1) * nHeads * DIM);
    const ofKeys = nHeads * DIM + gate.length;
    const k = heads(ofKeys, nKvHeads).map((head) => turned(head, angles));
    const v = heads(ofKeys + nKvHeads * DIM, nKvHeads);
    return { x, q, k, v, gate };
  });
  const shared = (h) => Math.floor((h * nKvHeads) / nHeads);
  const attention = Array.from({ length: nHeads }, (_, h) =>
    rows.map(({ q }, t) => {
      const scores = rows.slice(0, t + 1).map(({ k }) => 0.4 * dot(q[h], k[shared(h)]));
      const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = weights.reduce((a, b) => a + b);
      return rows.map((_, position) => (position > t ? 0 : weights[position] / total));
    }),
  );
  const logits = rows.flatMap(({ x, q, gate }, t) => {
    const mixed = q.flatMap((head, h) =>
      head.map((_, i) =>
        dot(
          attention[h][t],
          rows.map(({ v }) => v[shared(h)][i]),
        ),
      ),
    );
    const gated = hasGate ? mixed.map((y, i) => y / (1 + Math.exp(-gate[i]))) : mixed;
    const hidden = product(output, gated).map((y, i) => y + x[i]);
    return product(embedding, hidden);
  });
  const ofHeads = (name) =>
    Array.from({ length: nKvHeads }, (_, h) => rows.map((row) => row[name][h])).flat(2);
  return { logits, attention: attention.flat(2), keys: ofHeads('k'), values: ofHeads('v') };
}

async function resultsOf(headCounts, change, { embedding, qkv, output }) {
  const engine = await Engine.create({ variant: 'simd' });
  const model = engine.createModel(config(headCounts, change));
  const write = (name, w) => {
    const writer = model.beginTensor({
      name,
      rows: w.length,
      columns: w[0].length,
      rowOffset: 0,
      dtype: 'F32',
      transposed: false,
    });
    for (const row of w) writer.write(new Uint8Array(row.buffer));
    writer.end();
  };
  write('token_embedding.weight', embedding);
  write('layers.0.attention.qkv.weight', qkv);
  write('layers.0.attention.output.weight', output);
  model.finish();
  const session = model.createSession();
  session.tap(['attention']);
  session.append(IDS, { allLogits: true });
  const logits = session.logits().slice();
  const attention = session.taps().attention.slice();
  const { keys, values } = session.readKv(0);
  engine.dispose();
  return { logits, attention, keys, values };
}

const ROPE = { pairing: 'half', dims: DIM, theta: THETA, reversed: false };
const plain = Array.from({ length: DIM / 2 }, (_, k) => THETA ** ((-2 * k) / DIM));

const CASES = [
  ['nothing', {}, { hasGate: false, frequencies: [0, 0, 0] }],
  ['a gate', { gate: true }, { hasGate: true, frequencies: [0, 0, 0] }],
  ['a rope', { rope: { ...ROPE, scaling: null } }, { hasGate: false, frequencies: plain }],
  [
    'two thirds of a rope, and a gate',
    { gate: true, rope: { ...ROPE, scaling: { type: 'proportional', share: 0.67 } } },
    { hasGate: true, frequencies: [plain[0], plain[1], 0] },
  ],
];
const HEAD_COUNTS = [
  [3, 3],
  [3, 1],
  [4, 2],
  [6, 3],
]; // nHeads, nKvHeads

for (const headCounts of HEAD_COUNTS) {
  const [nHeads, nKvHeads] = headCounts;
  for (const [name, change, expected] of CASES) {
    test(`attention of ${nHeads} heads over ${nKvHeads} with ${name}: logits, taps, keys and values`, async () => {
      const weights = {
        embedding: matrix(VOCAB, HIDDEN, 1),
        qkv: matrix((nHeads * (expected.hasGate ? 2 : 1) + 2 * nKvHeads) * DIM, HIDDEN, 2),
        output: matrix(HIDDEN, nHeads * DIM, 3),
      };
      const actual = await resultsOf(headCounts, change, weights);
      for (const [what, wanted] of Object.entries(reference(weights, headCounts, expected))) {
        assert.equal(actual[what].length, wanted.length, what);
        const largest = Math.max(...wanted.map(Math.abs));
        wanted.forEach((value, i) => {
          const isNear = Math.abs(actual[what][i] - value) < 1e-5 * largest;
          assert.ok(isNear, `${what}, ${i}: ${actual[what][i]}, not ${value}`);
        });
      }
    });
  }
}
