// A story by the model, each token shaded by how much it surprises the model itself.
import { bits } from './probabilities.mjs';
import { SEED, STORY } from './prompts.mjs';
import { CHARACTER, picture, rect, round, text } from './svg.mjs';
import { fixedText, inLines, shownTokens } from './tokens-shown.mjs';

const NEW_TOKENS = 120;
const LEFT = 20;
const TOP = 64;
const LINE_HEIGHT = 24;
const COLUMNS = 70;

/** Surprise from which on a token has the full colour, and below which it has none. */
const MOST_BITS = 4;
const LEAST_BITS = 0.1;

const opacityOf = (surprise) => round(Math.min(1, 0.12 + (0.88 * surprise) / MOST_BITS), 2);

export async function drawSurprise({ f32: model }) {
  const { tokenIds } = await model.generate(STORY, { seed: SEED, maxNewTokens: NEW_TOKENS }).result;
  const ids = [...(await model.encode(STORY)), ...tokenIds];
  const scored = (await model.score(ids)).tokens;
  const tokens = await shownTokens(model, ids);
  const places = inLines(tokens, COLUMNS);
  const nLines = places.at(-1).line + 1;
  const x = ({ column }) => LEFT + column * CHARACTER;
  const surprises = scored.map(({ logprob }) => (logprob === null ? 0 : bits(logprob)));
  const marks = places.flatMap((place, index) =>
    surprises[index] < LEAST_BITS || place.text === ''
      ? []
      : rect(
          x(place),
          TOP + place.line * LINE_HEIGHT - 15,
          place.text.length * CHARACTER,
          LINE_HEIGHT - 4,
          'hot-wash',
          { opacity: opacityOf(surprises[index]), rx: 2 },
        ),
  );
  const lines = Array.from({ length: nLines }, (_, line) => {
    const content = places.filter((place) => place.line === line).map((place) => place.text);
    return fixedText(LEFT, TOP + line * LINE_HEIGHT, content.join(''));
  });
  const known = surprises.filter((surprise) => surprise < LEAST_BITS).length - 1;
  const bottom = TOP + nLines * LINE_HEIGHT;
  return picture({
    height: bottom + 34,
    title: 'Surprise along a story',
    description:
      `The text of a story. The more a token surprises the model, the redder is what it stands on; ${known} of ` +
      `${surprises.length - 1} tokens have less than ${LEAST_BITS} bits of surprise and no colour.`,
    body: [
      text(20, 28, 'The more a token surprises the model, the redder it is', 'bold'),
      ...marks,
      ...lines,
      ...[0.5, 1, 2, 4].flatMap((surprise, index) => [
        rect(LEFT + index * 92, bottom + 2, 26, 14, 'hot-wash', { opacity: opacityOf(surprise), rx: 2 }),
        text(
          LEFT + 32 + index * 92,
          bottom + 14,
          `${surprise} ${surprise === 1 ? 'bit' : 'bits'}`,
          'small muted',
        ),
      ]),
      text(620, bottom + 14, `none: ${known} of ${surprises.length - 1} tokens`, 'small end muted'),
    ],
  });
}
