// A text in tokens: common words whole, a rare one in parts.
import { RARE, STORY } from './prompts.mjs';
import { picture, text } from './svg.mjs';
import { boxes, shownTokens } from './tokens-shown.mjs';

export async function drawTokens({ f32: model }) {
  const common = await shownTokens(model, await model.encode(STORY));
  const rare = await shownTokens(model, await model.encode(RARE));
  const first = boxes(common, 20, 44);
  const second = boxes(rare, 20, 44 + first.height + 44);
  return picture({
    height: 44 + first.height + 44 + second.height + 14,
    title: 'Two sentences in tokens',
    description:
      `Each token is a box with its number below. The first sentence has ${common.length} tokens, ` +
      `nearly all whole words; the second has ${rare.length}, as its rare words are in parts.`,
    body: [
      text(20, 28, `${common.length} tokens: words that the model has seen often are whole`, 'bold'),
      ...first.markup,
      text(
        20,
        28 + first.height + 44,
        `${rare.length} tokens: rare words are put together from parts`,
        'bold',
      ),
      ...second.markup,
    ],
  });
}
