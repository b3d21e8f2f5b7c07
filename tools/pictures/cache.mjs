// The cache's pages as a text grows, and what a fork shares: positions and pages are what the engine counts.
import { loadModel } from './models.mjs';
import { STORY } from './prompts.mjs';
import { picture, rect, text } from './svg.mjs';

/** Positions of a page, which docs/architecture.md tells. */
const PAGE = 32;
const CELL = 8;
const LEFT = 96;
const HEIGHT = 18;

/** So long that it has begun a second page. */
const LENGTH = 41;

const pageX = (index) => LEFT + index * (PAGE * CELL + 12);

/** A page with so many positions in use; a page that two texts share is drawn in one colour, a copy in the other. */
function page(x, y, used, kind) {
  return [
    rect(x, y, PAGE * CELL, HEIGHT, 'faint'),
    ...(used === 0 ? [] : [rect(x, y, used * CELL, HEIGHT, kind)]),
    ...Array.from({ length: used - 1 }, (_, i) =>
      rect(x + (i + 1) * CELL - 0.5, y, 1, HEIGHT, 'paper', { opacity: 0.5 }),
    ),
  ];
}

/** The pages of a text of `length` positions. `kindOf` tells how a page looks. */
const pages = (length, y, kindOf) =>
  Array.from({ length: Math.ceil(length / PAGE) }, (_, index) =>
    page(pageX(index), y, Math.min(PAGE, length - index * PAGE), kindOf(index)),
  ).flat();

/** Runs what the picture tells, and notes the length of each text and the pages that the engine has for all of them. */
async function observe() {
  const model = await loadModel();
  try {
    const session = await model.createSession();
    const nPages = async () => (await model.memory()).kvPages;
    await session.append(STORY);
    const prompt = { length: session.length, pages: await nPages() };
    const more = LENGTH - prompt.length;
    await session.generate({ temperature: 0, maxNewTokens: more, minNewTokens: more }).result;
    const grown = { length: session.length, pages: await nPages() };
    const fork = await session.fork();
    const forked = { length: fork.length, pages: await nPages() };
    await session.append('\n', { specialTokens: false });
    await fork.append(' And', { specialTokens: false });
    const parted = { lengths: [session.length, fork.length], pages: await nPages() };
    return { prompt, grown, forked, parted };
  } finally {
    await model.dispose();
  }
}

const count = (n) => `${n} ${n === 1 ? 'page' : 'pages'}`;

export async function drawCache() {
  const { prompt, grown, forked, parted } = await observe();
  const shared = () => 'fill';
  const heading = (y, words, nPages) => [
    text(20, y, words, 'bold'),
    text(620, y, `${count(nPages)} in memory`, 'small end muted'),
  ];
  const label = (y, words) => text(20, y + 14, words, 'small muted');
  return picture({
    height: 330,
    title: 'Pages of the cache',
    description:
      `Four stages. A prompt of ${prompt.length} positions takes ${count(prompt.pages)}; with ${grown.length} positions ` +
      `the text has ${count(grown.pages)}; a fork of it leaves ${count(forked.pages)}; when both go on there are ` +
      `${parted.pages}, as only the page that both write to is copied.`,
    body: [
      ...heading(28, `The prompt: ${prompt.length} positions`, prompt.pages),
      ...pages(prompt.length, 38, shared),
      ...heading(92, `The text goes on: ${grown.length} positions`, grown.pages),
      ...pages(grown.length, 102, shared),
      ...heading(156, 'A fork: two texts, the same pages', forked.pages),
      label(166, 'both'),
      ...pages(forked.length, 166, shared),
      ...heading(220, 'Each goes on: one page is copied', parted.pages),
      label(230, 'the first'),
      ...pages(parted.lengths[0], 230, (index) => (index < parted.pages - 2 ? 'fill' : 'hot')),
      label(258, 'the fork'),
      ...pages(parted.lengths[1], 258, (index) => (index < parted.pages - 2 ? 'wash' : 'fill')),
      text(pageX(0), 296, 'one page, which both read', 'small muted'),
      text(pageX(1), 296, 'a page for each: one is a copy', 'small muted'),
      text(20, 318, `A page has room for ${PAGE} positions in every layer.`, 'small muted'),
    ],
  });
}
