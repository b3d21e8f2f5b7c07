// A token's life: from a text to its next token, with the numbers of one run.
import { logitsAfter } from './models.mjs';
import { ranked, softmax } from './probabilities.mjs';
import { OPEN, SEED } from './prompts.mjs';
import { path, pathOf, picture, rect, round, text } from './svg.mjs';
import { boxes, shownTokens } from './tokens-shown.mjs';

const LEFT = 176;
const RIGHT = 610;
const STRIP_HEIGHT = 30;
const SHOWN = 96; // of the numbers that stand for a token

const CANDIDATES = 5;

/** The first of the numbers side by side as lines up and down, the largest as high as the strip. */
function strip(all, y) {
  const values = all.subarray(0, SHOWN);
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const step = (RIGHT - LEFT) / values.length;
  const middle = y + STRIP_HEIGHT / 2;
  const d = Array.from(values, (value, index) => {
    const length = Math.round((-value / most) * (STRIP_HEIGHT / 2) * 10) / 10;
    return length === 0 ? '' : pathOf(['M', LEFT + (index + 0.5) * step, middle], ['v', length]);
  }).join('');
  return [
    path(pathOf(['M', LEFT, middle], ['H', RIGHT]), 'faint'),
    path(d, 'edge', { style: 'stroke-width:3' }),
  ];
}

/** What the last token is on its way through the layers: the embedding first, what the head reads last. */
async function statesOf(model, ids) {
  const session = await model.createSession();
  await session.tap(['hidden']);
  await session.append(ids);
  const { rows, hidden } = await session.taps();
  await session.dispose();
  const { nLayers, hiddenSize } = model.info;
  return Array.from({ length: nLayers + 1 }, (_, plane) => {
    const begin = (plane * rows + rows - 1) * hiddenSize;
    return hidden.subarray(begin, begin + hiddenSize);
  });
}

const step = (number, name, y) => [text(20, y, number, 'bold main'), text(38, y, name, 'bold')];

export async function drawWay({ f32: model }) {
  const ids = await model.encode(OPEN);
  const tokens = await shownTokens(model, ids);
  const states = await statesOf(model, ids);
  const best = ranked(softmax(await logitsAfter(model, ids))).slice(0, CANDIDATES);
  const options = { temperature: 1, topK: 0, topP: 1, seed: SEED, maxNewTokens: 1 };
  const { tokenIds } = await model.generate(ids, options).result;
  const [chosen] = await shownTokens(model, tokenIds);
  const candidates = await shownTokens(
    model,
    best.map(({ id }) => id),
  );
  const size = model.info.hiddenSize;
  const last = tokens.at(-1).label;

  const row = boxes(tokens, LEFT, 66);
  const numbersAt = 66 + row.height + 22;
  const layersAt = numbersAt + STRIP_HEIGHT + 22;
  const scoresAt = layersAt + (states.length - 1) * (STRIP_HEIGHT + 4) + 20;
  const chosenAt = scoresAt + CANDIDATES * 22 + 22;
  return picture({
    height: chosenAt + 62,
    title: 'From a text to its next token',
    description:
      `Six steps: the text, its ${tokens.length} tokens, the ${size} numbers that stand for the last of them, the same ` +
      `numbers behind each of ${model.info.nLayers} layers, the ${CANDIDATES} likeliest next tokens with their ` +
      'probabilities, and the one that is drawn, which joins the text.',
    body: [
      ...step(1, 'the text', 34),
      text(LEFT, 34, OPEN, 'mono'),
      ...step(2, 'its tokens', 84),
      ...row.markup,
      ...step(3, 'as numbers', numbersAt + 20),
      text(38, numbersAt + 36, `${SHOWN} of ${size} for ${last}`, 'small muted'),
      ...strip(states[0], numbersAt),
      ...step(4, `through ${model.info.nLayers} layers`, layersAt + 20),
      text(38, layersAt + 36, 'each looks back at', 'small muted'),
      text(38, layersAt + 51, 'the tokens before', 'small muted'),
      ...states.slice(1).flatMap((values, layer) => strip(values, layersAt + layer * (STRIP_HEIGHT + 4))),
      ...step(5, 'what may follow', scoresAt + 16),
      text(38, scoresAt + 32, `of ${model.info.vocabSize} tokens`, 'small muted'),
      ...candidates.flatMap(({ label }, index) => {
        const y = scoresAt + index * 22;
        const width = Math.max(1, (best[index].p / best[0].p) * (RIGHT - LEFT - 170));
        return [
          text(LEFT + 100, y + 15, label, 'mono end'),
          rect(LEFT + 110, y + 2, width, 17, 'fill', { rx: 2 }),
          text(LEFT + 116 + width, y + 15, `${round(best[index].p * 100)} %`, 'small muted'),
        ];
      }),
      ...step(6, 'one is chosen', chosenAt + 18),
      ...boxes([chosen], LEFT, chosenAt).markup,
      text(LEFT + 100, chosenAt + 18, 'joins the text, and all of it begins again at 2', 'muted'),
    ],
  });
}
