// Beam search as a tree: the beams after one token, after two, and so on, and those that the last ones come from.
import { OPEN } from './prompts.mjs';
import { path, pathOf, picture, rect, text } from './svg.mjs';
import { shownTokens } from './tokens-shown.mjs';

const BEAMS = 3;
const STEPS = 5;
const LEFT = 66;
const STEP = 114;
const TOP = 86;
const ROW = 62;

/** The beams after each number of tokens, the likeliest first, with the probability of all their tokens together. */
function beamsOfSteps(model) {
  return Promise.all(
    Array.from({ length: STEPS }, async (_, index) => {
      const options = {
        numBeams: BEAMS,
        numReturnSequences: BEAMS,
        lengthPenalty: 0,
        maxNewTokens: index + 1,
      };
      const { sequences } = await model.generate(OPEN, options).result;
      return sequences.map(({ tokenIds, score }) => ({ tokenIds, probability: Math.exp(score) }));
    }),
  );
}

const startsWith = (longer, shorter) => shorter.every((id, index) => longer[index] === id);

/** Which of the beams one token shorter this one continues. */
const parentOf = (beam, shorter) => shorter.findIndex(({ tokenIds }) => startsWith(beam.tokenIds, tokenIds));

const xOf = (step) => LEFT + step * STEP;
const yOf = (rank) => TOP + rank * ROW;

export async function drawBeams({ f32: model }) {
  const steps = await beamsOfSteps(model);
  const last = steps.at(-1);
  const lives = (beam) => last.some(({ tokenIds }) => startsWith(tokenIds, beam.tokenIds));
  const markup = [`<circle cx="26" cy="${yOf(1)}" r="5" class="fill"/>`];
  let nDropped = 0;
  for (const [step, beams] of steps.entries()) {
    markup.push(text(xOf(step) + 36, TOP - 34, `token ${step + 1}`, 'small middle muted'));
    const labels = await shownTokens(
      model,
      beams.map(({ tokenIds }) => tokenIds[step]),
    );
    for (const [rank, beam] of beams.entries()) {
      const isAlive = lives(beam);
      if (!isAlive) nDropped++;
      const from = step === 0 ? 1 : parentOf(beam, steps[step - 1]);
      const begin = step === 0 ? 31 : xOf(step - 1) + 76;
      const d = pathOf(
        ['M', begin, yOf(from)],
        ['C', begin + 14, yOf(from), xOf(step) - 14, yOf(rank), xOf(step), yOf(rank)],
      );
      markup.push(
        path(d, isAlive ? 'edge' : 'faint'),
        rect(xOf(step), yOf(rank) - 14, 76, 28, isAlive ? 'box' : 'faint', { rx: 4 }),
        text(xOf(step) + 38, yOf(rank) + 5, labels[rank].label, `mono middle${isAlive ? '' : ' muted'}`),
        text(
          xOf(step) + 38,
          yOf(rank) + 29,
          `${(beam.probability * 100).toFixed(1)} %`,
          'small middle muted',
        ),
      );
    }
  }
  return picture({
    height: yOf(BEAMS - 1) + 50,
    title: 'Beams as they compete',
    description:
      `${BEAMS} beams over ${STEPS} tokens after “${OPEN}”, as a tree from left to right, each with the probability of ` +
      `all its tokens together. ${nDropped} of the ${BEAMS * STEPS} have no successor among the last ${BEAMS} and are pale.`,
    body: [text(20, 28, `The ${BEAMS} beams that “${OPEN}” goes on with`, 'bold'), ...markup],
  });
}
