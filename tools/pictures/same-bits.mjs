// The same text computed in different ways: hashes of the tokens and of all bits that they were chosen by.
import { createHash } from 'node:crypto';
import { loadModel, WEIGHTS } from './models.mjs';
import { SEED, STORY } from './prompts.mjs';
import { picture, rect, text } from './svg.mjs';

const NEW_TOKENS = 24;

/** Ways to compute a text. `chunk`: how many tokens of the prompt are read at a time. */
const WAYS = [
  { title: 'plain SIMD, 1 thread', options: { variant: 'simd' } },
  { title: 'the prompt a token at a time', options: { variant: 'simd' }, chunk: 1 },
  { title: 'plain SIMD, 2 threads', options: { variant: 'simd-threads', threads: 2 } },
  { title: 'relaxed SIMD, 1 thread', options: { variant: 'relaxed' } },
  { title: 'relaxed SIMD, 2 threads', options: { variant: 'relaxed-threads', threads: 2 } },
];

/** The first 8 hexadecimal digits of the SHA-256 of a text's tokens and of the logits that each was drawn from. */
async function hashOf({ options, chunk = Infinity }, weights) {
  const model = await loadModel({ ...options, weights });
  try {
    const session = await model.createSession();
    const prompt = await model.encode(STORY);
    const size = Math.min(chunk, prompt.length);
    for (let begin = 0; begin < prompt.length; begin += size)
      await session.append(prompt.slice(begin, begin + size));
    const hash = createHash('sha256');
    for (let i = 0; i < NEW_TOKENS; i++) {
      hash.update(await session.logits());
      await session.generate({ temperature: 0.8, seed: SEED + i, maxNewTokens: 1 }).result;
    }
    hash.update(Uint32Array.from(await session.tokens()));
    return hash.digest('hex').slice(0, 8);
  } finally {
    await model.dispose();
  }
}

/** The hashes of every way: `[way][type of weights]`. */
async function hashTable() {
  const table = [];
  for (const way of WAYS) {
    const row = [];
    for (const weights of WEIGHTS) row.push(await hashOf(way, weights));
    table.push(row);
  }
  return table;
}

const TOP = 84;
const ROW_HEIGHT = 30;
const x = (column) => 270 + column * 122;

export async function drawSameBits() {
  const table = await hashTable();
  const different = WEIGHTS.map((_, column) => new Set(table.map((row) => row[column])).size);
  return picture({
    height: TOP + WAYS.length * ROW_HEIGHT + 8,
    title: 'The same bits in different ways',
    description:
      `A table with ${WAYS.length} ways to compute ${NEW_TOKENS} tokens and three types of weights. Each cell is a hash of the ` +
      `tokens and of the bits that they were chosen by; down the columns there are ${different.join(', ')} different ones.`,
    body: [
      text(20, 28, `A hash of ${NEW_TOKENS} tokens and of every bit that they were chosen by`, 'bold'),
      ...WEIGHTS.map((weights, column) => text(x(column) + 50, TOP - 22, weights, 'small bold middle')),
      ...WAYS.flatMap(({ title }, row) => [
        text(20, TOP + row * ROW_HEIGHT + 6, title),
        ...table[row].flatMap((hash, column) => [
          rect(
            x(column),
            TOP + row * ROW_HEIGHT - 12,
            100,
            25,
            hash === table[0][column] ? 'box' : 'hot-wash',
            { rx: 4 },
          ),
          text(x(column) + 50, TOP + row * ROW_HEIGHT + 6, hash, 'mono middle'),
        ]),
      ]),
    ],
  });
}
