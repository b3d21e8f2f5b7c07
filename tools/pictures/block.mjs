// What q4 and q8 do to 32 weights: the levels that they are rounded to, and the errors that this makes.
import { OPEN } from './prompts.mjs';
import { path, pathOf, picture, rect, round, text } from './svg.mjs';
import { shownTokens } from './tokens-shown.mjs';
import { embeddingOf } from './weights-file.mjs';

const BLOCK = 32;

/** Bytes of a block with its scale, and the integers that it is made of: src/tensor/weight_types.inc. */
export const TYPES = {
  q8: { bytes: 34, fewest: -127, levels: 255 },
  q4: { bytes: 18, fewest: -8, levels: 16 },
};

/** The first numbers that enter the model for a token that stands first. */
async function firstNumbers(model, id) {
  const session = await model.createSession();
  await session.tap(['hidden']);
  await session.append([id]);
  const { hidden } = await session.taps();
  await session.dispose();
  return hidden.slice(0, BLOCK);
}

/**
 * Weights as they are in the file, and as the engine has them in each type: what enters the model is the weight, and in models
 * with learned positions a number that is the same in all types.
 */
export async function blockOf(models, id) {
  const exact = await embeddingOf(id, BLOCK);
  const unrounded = await firstNumbers(models.f32, id);
  const rounded = {};
  for (const type of Object.keys(TYPES)) {
    const numbers = await firstNumbers(models[type], id);
    rounded[type] = exact.map((weight, i) => weight + numbers[i] - unrounded[i]);
  }
  return { exact, rounded };
}

/** What an integer of the block is multiplied by: what the weight of largest magnitude became, by the integer that it became. */
export function scaleOf(exact, rounded, fewest) {
  const magnitudes = exact.map(Math.abs);
  const extreme = magnitudes.indexOf(Math.max(...magnitudes));
  return rounded[extreme] / fewest;
}

const LEFT = 44;
const RIGHT = 620;
const x = (i) => LEFT + ((i + 0.5) * (RIGHT - LEFT)) / BLOCK;

/** The levels of q4, the weights as rings, and what became of them as bars. */
function levelsOfQ4(exact, rounded, { top, height }) {
  const { fewest, levels } = TYPES.q4;
  const scale = scaleOf(exact, rounded, fewest);
  const values = Array.from({ length: levels }, (_, i) => (i + fewest) * scale);
  const highest = Math.max(...values);
  const y = (value) => top + ((highest - value) / (highest - Math.min(...values))) * height;
  const lines = values.map((value) => pathOf(['M', LEFT, y(value)], ['H', RIGHT])).join('');
  return [
    path(lines, 'faint'),
    text(LEFT - 8, y(0) + 4, '0', 'small end muted'),
    ...rounded.map((weight, i) => rect(x(i) - 6, y(weight) - 2, 12, 4, 'fill')),
    ...exact.map(
      (weight, i) => `<circle cx="${round(x(i))}" cy="${round(y(weight))}" r="3.5" class="ring"/>`,
    ),
  ];
}

const errorsOf = (exact, rounded) => exact.map((weight, i) => rounded[i] - weight);
const largestOf = (numbers) => Math.max(...numbers.map(Math.abs));

/** Errors as bars up and down from a line; `enlarged`: units of the picture for an error of 1. */
function errorBars(errors, { middle, enlarged }) {
  const bars = errors.map((error, i) => pathOf(['M', x(i), middle], ['v', -error * enlarged])).join('');
  return [
    path(pathOf(['M', LEFT, middle], ['H', RIGHT]), 'faint'),
    text(LEFT - 8, middle + 4, '0', 'small end muted'),
    path(bars, 'red', { style: 'stroke-width:8' }),
  ];
}

const ERROR_HEIGHT = 32;

export async function drawBlock(models) {
  const ids = await models.f32.encode(OPEN);
  const id = ids.at(-1);
  const [{ label }] = await shownTokens(models.f32, [id]);
  const word = `“${label.replace('␣', '')}”`;
  const { exact, rounded } = await blockOf(models, id);
  const [q4, q8] = [errorsOf(exact, rounded.q4), errorsOf(exact, rounded.q8)];
  const enlarged = ERROR_HEIGHT / largestOf(q4);
  const step = Math.abs(scaleOf(exact, rounded.q4, TYPES.q4.fewest));
  const aside = (y, words) => text(620, y, words, 'small end muted');
  const atMost = (errors) => `at most ${largestOf(errors).toFixed(4)}`;
  return picture({
    height: 500,
    title: 'A block of weights, rounded',
    description:
      `The first ${BLOCK} weights of the token ${word}, as rings, on the 16 levels of q4, and the bars that they are ` +
      `rounded to. Below, the errors of q4, ${atMost(q4)}, and those of q8, ${atMost(q8)}, at the same scale.`,
    body: [
      text(20, 28, `The first ${BLOCK} weights of ${word} on the ${TYPES.q4.levels} levels of q4`, 'bold'),
      aside(48, `a step is ${step.toFixed(4)}; ${BLOCK * 4} bytes in f32, ${TYPES.q4.bytes} in q4`),
      ...levelsOfQ4(exact, rounded.q4, { top: 66, height: 196 }),
      `<circle cx="50" cy="285" r="3.5" class="ring"/>`,
      text(60, 289, 'a weight of the file', 'small'),
      rect(190, 283, 12, 4, 'fill'),
      text(210, 289, 'what is kept of it', 'small'),
      text(20, 326, 'The errors, enlarged', 'bold'),
      aside(326, atMost(q4)),
      ...errorBars(q4, { middle: 370, enlarged }),
      text(20, 422, 'The errors of q8, enlarged as much', 'bold'),
      aside(422, `${atMost(q8)}; ${TYPES.q8.levels} levels, ${TYPES.q8.bytes} bytes`),
      ...errorBars(q8, { middle: 462, enlarged }),
    ],
  });
}
