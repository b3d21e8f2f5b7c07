// Where two heads of attention look back to from the same token: one at its neighbours, one far behind.
import { SEED, STORY } from './prompts.mjs';
import { element, pathOf, picture, round, text } from './svg.mjs';
import { shownTokens } from './tokens-shown.mjs';

const NEW_TOKENS = 17;
const ROW_HEIGHT = 21;
const TOP = 76;
const MIDDLE = 320;
const HALF_WORD = 62;

/** Tokens behind the last one: so many are its neighbours, and those from the second on are far. */
const NEAR = 4;
const FAR = 8;

/** Heads that look at one token alone make dull pictures. */
const MOST = 0.4;

/** Weights below this are not drawn. */
const LEAST = 0.02;

async function attentionOf(model, ids) {
  const session = await model.createSession();
  await session.tap(['attention']);
  await session.append(ids);
  const { rows, attention } = await session.taps();
  await session.dispose();
  const { nHeads } = model.info;
  /** What a token at `row` takes from each token up to it. */
  return (layer, head, row) => {
    const begin = ((layer * nHeads + head) * rows + row) * rows;
    return attention.subarray(begin, begin + row + 1);
  };
}

/** All pairs of layer and head. */
const headsOf = ({ nLayers, nHeads }) =>
  Array.from({ length: nLayers * nHeads }, (_, i) => ({ layer: Math.floor(i / nHeads), head: i % nHeads }));

/** Of `choices` the one with the most; the first of equal ones. */
const most = (choices, measure) =>
  choices.reduce((best, choice) => (measure(choice) > measure(best) ? choice : best));

/** How much attention the three of these tokens get that get most, of which none counts for more than `MOST`. */
const shared = (weights) =>
  Array.from(weights, (weight) => Math.min(weight, MOST))
    .sort((a, b) => b - a)
    .slice(0, 3)
    .reduce((sum, weight) => sum + weight, 0);

/** Arcs from the token at `row` to those before it, as thick as their weights. `side` is -1 for left, 1 for right. */
function arcs(weights, row, side) {
  const x = MIDDLE + side * HALF_WORD;
  const yOf = (index) => TOP + index * ROW_HEIGHT;
  return Array.from(weights, (weight, index) => ({ weight, index }))
    .filter(({ weight, index }) => weight >= LEAST && index < row)
    .flatMap(({ weight, index }) => {
      const reach = x + side * (24 + (row - index) * 7.4);
      const d = pathOf(['M', x, yOf(row)], ['C', reach, yOf(row), reach, yOf(index), x, yOf(index)]);
      return element('path', {
        d,
        class: side < 0 ? 'edge' : 'red',
        style: `stroke-width:${round(1 + weight * 11)}`,
        opacity: round(Math.min(1, 0.35 + weight), 2),
      });
    });
}

const percent = (weights, row, side) =>
  Array.from(weights, (weight, index) => ({ weight, index }))
    .filter(({ weight, index }) => weight >= 0.1 && index < row)
    .map(({ weight, index }) =>
      text(
        MIDDLE + side * (HALF_WORD + 4),
        TOP + index * ROW_HEIGHT - 4,
        `${round(weight * 100, 0)} %`,
        `small ${side < 0 ? 'main end' : 'warm'}`,
      ),
    );

export async function drawAttention({ f32: model }) {
  const { tokenIds } = await model.generate(STORY, { seed: SEED, maxNewTokens: NEW_TOKENS }).result;
  const ids = [...(await model.encode(STORY)), ...tokenIds];
  const weightsOf = await attentionOf(model, ids);
  const heads = headsOf(model.info);
  const rows = ids.map((_, row) => row).slice(-NEW_TOKENS / 2);
  const far = most(
    heads.flatMap((head) => rows.map((row) => ({ ...head, row }))),
    ({ layer, head, row }) => shared(weightsOf(layer, head, row).subarray(1, row - FAR + 1)),
  );
  const { row } = far;
  const near = most(heads, ({ layer, head }) =>
    shared(weightsOf(layer, head, row).subarray(row - NEAR, row)),
  );
  const tokens = (await shownTokens(model, ids)).slice(0, row + 1);
  const nearWeights = weightsOf(near.layer, near.head, row);
  const farWeights = weightsOf(far.layer, far.head, row);
  const named = ({ layer, head }) => `layer ${layer + 1}, head ${head + 1}`;
  return picture({
    height: TOP + tokens.length * ROW_HEIGHT + 8,
    title: 'Where two heads look back to',
    description:
      `${tokens.length} tokens, one below the other. From the last of them lines lead to earlier ones, as thick as the ` +
      `attention that goes there: on the left those of ${named(near)}, mostly to the token before; on the right those ` +
      `of ${named(far)}, mostly to tokens far behind.`,
    body: [
      text(20, 28, 'Where the last token looks back to', 'bold'),
      text(20, 48, `${named(near)}: the neighbours`, 'main'),
      text(620, 48, `${named(far)}: far behind`, 'warm end'),
      ...arcs(nearWeights, row, -1),
      ...arcs(farWeights, row, 1),
      ...tokens.map(({ label }, index) =>
        text(MIDDLE, TOP + index * ROW_HEIGHT + 5, label, `mono middle${index === row ? ' bold' : ''}`),
      ),
      ...percent(nearWeights, row, -1),
      ...percent(farWeights, row, 1),
    ],
  });
}
