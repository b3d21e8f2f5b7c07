// Reading a prompt and writing after it: which tokens each pass through the model reads.
import { SEED, STORY } from './prompts.mjs';
import { path, pathOf, picture, rect, text } from './svg.mjs';
import { shownTokens } from './tokens-shown.mjs';

const NEW_TOKENS = 7;
const LEFT = 150;
const TOP = 80;
const CELL = { width: 66, height: 22 };

/** How many tokens each pass reads: those of the prompt as they are reported, then one for each token but the last. */
async function passesOf(model) {
  const reads = [];
  let before = 0;
  const generation = model.generate(STORY, {
    seed: SEED,
    maxNewTokens: NEW_TOKENS,
    onPrefillProgress({ processedTokens }) {
      reads.push(processedTokens - before);
      before = processedTokens;
    },
  });
  const { tokenIds } = await generation.result;
  return { reads: [...reads, ...Array(tokenIds.length - 1).fill(1)], tokenIds };
}

function column(reads, before, index) {
  const x = LEFT + index * CELL.width;
  const markup = [
    text(x + CELL.width / 2, TOP - 24, `pass ${index + 1}`, 'small middle muted'),
    text(x + CELL.width / 2, TOP - 9, `reads ${reads}`, 'small middle'),
  ];
  const cells = (from, to, kind) => {
    for (let row = from; row < to; row++)
      markup.push(rect(x + 3, TOP + row * CELL.height + 2, CELL.width - 6, CELL.height - 4, kind, { rx: 3 }));
  };
  cells(0, before, 'wash');
  cells(before, before + reads, 'fill');
  const y = TOP + (before + reads) * CELL.height;
  const middle = x + CELL.width / 2;
  const d = pathOf(['M', middle, y], ['V', y + CELL.height / 2], ['H', LEFT + 2]);
  markup.push(path(d, 'red', { 'stroke-dasharray': '3 3' }));
  return markup;
}

export async function drawPasses({ f32: model }) {
  const { reads, tokenIds } = await passesOf(model);
  const tokens = await shownTokens(model, [...(await model.encode(STORY)), ...tokenIds]);
  const nPrompt = tokens.length - tokenIds.length;
  const bottom = TOP + tokens.length * CELL.height;
  let before = 0;
  const columns = reads.flatMap((count, index) => {
    const markup = column(count, before, index);
    before += count;
    return markup;
  });
  const labels = tokens.map((token, row) =>
    text(LEFT - 10, TOP + row * CELL.height + 16, token.label, `mono end${row < nPrompt ? '' : ' warm'}`),
  );
  return picture({
    height: bottom + 56,
    title: 'Which tokens each pass reads',
    description:
      `A table of ${tokens.length} tokens and ${reads.length} passes. The first pass reads all ${nPrompt} tokens of the ` +
      'prompt; each later pass reads one token, the one that the pass before it led to, and looks up the others.',
    body: [
      text(20, 28, 'The prompt is read at once, the answer a token at a time', 'bold'),
      ...labels,
      ...columns,
      rect(LEFT, bottom + 22, 16, 12, 'fill', { rx: 2 }),
      text(LEFT + 22, bottom + 33, 'read in this pass', 'small'),
      rect(LEFT + 142, bottom + 22, 16, 12, 'wash', { rx: 2 }),
      text(LEFT + 164, bottom + 33, 'looked up in the cache', 'small'),
      path(pathOf(['M', LEFT + 310, bottom + 28], ['H', LEFT + 330]), 'red', { 'stroke-dasharray': '3 3' }),
      text(LEFT + 336, bottom + 33, 'gives this token', 'small'),
    ],
  });
}
