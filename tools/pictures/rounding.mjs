// What q8 and q4 do to the next word: its probabilities in the three types of weights.
import { barTable, percent } from './bars.mjs';
import { logitsAfter, WEIGHTS } from './models.mjs';
import { divergence, ranked, softmax } from './probabilities.mjs';
import { OPEN } from './prompts.mjs';
import { picture, round, text } from './svg.mjs';
import { shownTokens } from './tokens-shown.mjs';

const ROWS = 6;

const megabytes = (bytes) => `${round(bytes / 1e6, 1)} MB`;

export async function drawRounding(models) {
  const distributions = {};
  for (const type of WEIGHTS) distributions[type] = softmax(await logitsAfter(models[type], OPEN));
  const best = ranked(distributions.f32).slice(0, ROWS);
  const columns = WEIGHTS.map((type) => ({
    title: `${type}: ${megabytes(models[type].info.weightBytes)}`,
    probabilities: best.map(({ id }) => distributions[type][id]),
  }));
  const labels = (
    await shownTokens(
      models.f32,
      best.map(({ id }) => id),
    )
  ).map(({ label }) => label);
  const most = Math.max(...columns.flatMap(({ probabilities }) => probabilities));
  const table = barTable({ labels, columns, top: 60, most, right: 632 });
  const distances = ['q8', 'q4'].map((type) => divergence(distributions.f32, distributions[type]));
  const [q8, q4] = distances.map((distance) => distance.toPrecision(2));
  return picture({
    height: table.bottom + 34,
    title: 'The next word in f32, q8 and q4',
    description:
      `Bars of the ${ROWS} likeliest words after “${OPEN}” with each type of weights. The likeliest has ` +
      `${columns.map(({ probabilities }) => percent(probabilities[0])).join(', ')}. The divergence from f32 is ${q8} nats in ` +
      `q8 and ${q4} in q4.`,
    body: [
      text(20, 28, `What may follow “${OPEN}”`, 'bold'),
      ...table.markup,
      text(130, table.bottom + 18, 'divergence from f32:', 'small muted'),
      ...[`${q8} nats`, `${q4} nats`].map((words, index) =>
        text(130 + ((index + 1) * 502) / 3, table.bottom + 18, words, 'small'),
      ),
    ],
  });
}
