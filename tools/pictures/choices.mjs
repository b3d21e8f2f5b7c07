// The next word's probabilities, at three temperatures and behind three filters, with the draws of the engine beside them.
import { barTable } from './bars.mjs';
import { logitsAfter } from './models.mjs';
import { minP, ranked, softmax, topK, topP } from './probabilities.mjs';
import { OPEN } from './prompts.mjs';
import { picture, rect, text } from './svg.mjs';
import { shownTokens } from './tokens-shown.mjs';

const ROWS = 8;
export const DRAWS = 500;

/** No filter, and no option of the model's own. */
const PLAIN = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** The filters that are shown: their options, and what they leave of probabilities. */
export const FILTERS = [
  { title: 'no filter', options: {}, apply: (p) => p },
  { title: 'top-k 3', options: { topK: 3 }, apply: (p) => topK(p, 3) },
  { title: 'top-p 0.8', options: { topP: 0.8 }, apply: (p) => topP(p, 0.8) },
  { title: 'min-p 0.25', options: { minP: 0.25 }, apply: (p) => minP(p, 0.25) },
];

/** How often each token is drawn by the engine: `DRAWS` answers of one token, each with a seed of its own. */
export async function drawnShares(model, input, options) {
  const all = { ...PLAIN, ...options, seed: 1, numReturnSequences: DRAWS, maxNewTokens: 1 };
  const { sequences } = await model.generate(input, all).result;
  const shares = new Map();
  for (const { tokenIds } of sequences) shares.set(tokenIds[0], (shares.get(tokenIds[0]) ?? 0) + 1 / DRAWS);
  return shares;
}

const labelsOf = async (model, best) =>
  (
    await shownTokens(
      model,
      best.map(({ id }) => id),
    )
  ).map(({ label }) => label);

const quoted = (label) => `“${label.replace('␣', '')}”`;

export async function drawTemperatures({ f32: model }) {
  const logits = await logitsAfter(model, OPEN);
  const best = ranked(softmax(logits)).slice(0, ROWS);
  const columns = [0.5, 1, 1.5].map((temperature) => {
    const probabilities = softmax(logits, temperature);
    return { title: `temperature ${temperature}`, probabilities: best.map(({ id }) => probabilities[id]) };
  });
  const labels = await labelsOf(model, best);
  const most = Math.max(...columns.flatMap(({ probabilities }) => probabilities));
  const table = barTable({ labels, columns, top: 60, most, right: 632 });
  return picture({
    height: table.bottom + 16,
    title: 'The next word at three temperatures',
    description:
      `Bars of the ${ROWS} likeliest words after “${OPEN}”. At temperature 0.5 the likeliest, ${quoted(labels[0])}, ` +
      'has most of the probability; at 1.5 the words are closer to each other.',
    body: [text(20, 28, `What may follow “${OPEN}”`, 'bold'), ...table.markup],
  });
}

export async function drawFilters({ f32: model }) {
  const probabilities = softmax(await logitsAfter(model, OPEN));
  const best = ranked(probabilities).slice(0, ROWS);
  const columns = [];
  for (const { title, options, apply } of FILTERS) {
    const left = apply(probabilities);
    const drawn = await drawnShares(model, OPEN, options);
    columns.push({
      title,
      probabilities: best.map(({ id }) => left[id]),
      shares: best.map(({ id }) => drawn.get(id) ?? 0),
    });
  }
  const labels = await labelsOf(model, best);
  const most = Math.max(...columns.flatMap((column) => [...column.probabilities, ...column.shares]));
  const table = barTable({ labels, columns, top: 60, most, right: 632 });
  const kept = columns.map(
    ({ title, probabilities: left }) => `${title} ${left.filter((p) => p > 0).length}`,
  );
  return picture({
    height: table.bottom + 40,
    title: 'What three filters leave',
    description:
      `Bars of the ${ROWS} likeliest words after “${OPEN}”, and how many of these remain: ${kept.join(', ')}. A mark ` +
      `beside each bar says how often the engine drew the word in ${DRAWS} draws.`,
    body: [
      text(20, 28, `What may follow “${OPEN}”`, 'bold'),
      ...table.markup,
      rect(130, table.bottom + 8, 20, 12, 'fill', { rx: 2 }),
      text(156, table.bottom + 19, 'probability', 'small'),
      rect(250, table.bottom + 6, 2, 16, 'hot'),
      text(258, table.bottom + 19, `share of ${DRAWS} draws by the engine`, 'small'),
    ],
  });
}
