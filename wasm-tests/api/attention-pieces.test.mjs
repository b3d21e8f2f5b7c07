// Pieces of attention that no family of today's fixtures has, in a model of one layer without an MLP and without norms,
// against attention written out in double precision: the output gate, and proportional rotary frequencies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';

const [VOCAB, HIDDEN, HEADS, KV_HEADS, DIM] = [13, 10, 3, 1, 6];
const THETA = 100;
const IDS = [4, 0, 12, 7, 7];

const config = (change) => ({
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
        nHeads: HEADS,
        nKvHeads: KV_HEADS,
        headDim: DIM,
        qkvBias: false,
        outputBias: false,
        gate: false,
        qkNorm: null,
        rope: null,
        queryScaling: null,
        window: 0,
        softcap: 0,
        scale: 0.4,
        ...change,
      },
      mlp: null,
      mixerNorm: null,
      mixerPostNorm: null,
      mlpNorm: null,
      mlpPostNorm: null,
      parallel: false,
      residualScale: 1,
    },
  ],
  layers: [0],
  finalNorm: null,
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

/** The logits of each position. */
function reference({ embedding, qkv, output }, { hasGate, frequencies }) {
  const rows = IDS.map((id, position) => {
    const x = [...embedding[id]];
    const all = product(qkv, x);
    const angles = frequencies.map((f) => f * position);
    const heads = (begin, n) =>
      Array.from({ length: n }, (_, h) => all.slice(begin + h * DIM, begin + (h + 1) * DIM));
    const q = heads(0, HEADS).map((head) => turned(head, angles));
    const k = turned(heads(HEADS * DIM, 1)[0], angles);
    const v = heads((HEADS + 1) * DIM, 1)[0];
    const gate = all.slice((HEADS + 2) * DIM);
    return { x, q, k, v, gate };
  });
  return rows.map(({ x, q, gate }, t) => {
    const mixed = q.flatMap((head) => {
      const scores = rows.slice(0, t + 1).map(({ k }) => 0.4 * head.reduce((sum, y, i) => sum + y * k[i], 0));
      const weights = scores.map((s) => Math.exp(s - Math.max(...scores)));
      const total = weights.reduce((a, b) => a + b);
      return head.map((_, i) => weights.reduce((sum, w, p) => sum + (w / total) * rows[p].v[i], 0));
    });
    const gated = hasGate ? mixed.map((y, i) => y / (1 + Math.exp(-gate[i]))) : mixed;
    const hidden = product(output, gated).map((y, i) => y + x[i]);
    return product(embedding, hidden);
  });
}

async function logitsOf(change, { embedding, qkv, output }) {
  const engine = await Engine.create({ variant: 'simd' });
  const model = engine.createModel(config(change));
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
  session.append(IDS, { allLogits: true });
  const logits = [...session.logits()];
  engine.dispose();
  return logits;
}

const ROPE = { pairing: 'half', dims: DIM, theta: THETA, reversed: false };
const plain = Array.from({ length: DIM / 2 }, (_, k) => THETA ** ((-2 * k) / DIM));

for (const [name, change, expected] of [
  ['nothing', {}, { hasGate: false, frequencies: [0, 0, 0] }],
  ['a gate', { gate: true }, { hasGate: true, frequencies: [0, 0, 0] }],
  ['a rope', { rope: { ...ROPE, scaling: null } }, { hasGate: false, frequencies: plain }],
  [
    'two thirds of a rope, and a gate',
    { gate: true, rope: { ...ROPE, scaling: { type: 'proportional', share: 0.67 } } },
    { hasGate: true, frequencies: [plain[0], plain[1], 0] },
  ],
]) {
  test(`attention with ${name}`, async () => {
    const weights = {
      embedding: matrix(VOCAB, HIDDEN, 1),
      qkv: matrix((HEADS * (expected.hasGate ? 2 : 1) + 2) * DIM, HIDDEN, 2),
      output: matrix(HIDDEN, HEADS * DIM, 3),
    };
    const actual = await logitsOf(change, weights);
    const wanted = reference(weights, expected).flat();
    const largest = Math.max(...wanted.map(Math.abs));
    wanted.forEach((value, i) => {
      assert.ok(Math.abs(actual[i] - value) < 1e-5 * largest, `logit ${i}: ${actual[i]}, not ${value}`);
    });
  });
}
