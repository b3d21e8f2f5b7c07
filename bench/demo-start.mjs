// node bench/demo-start.mjs NAME=CHECKOUT ...: from opening the demo to its first paint and to the first word of the embedded
// model, in a browser that has seen nothing. CHECKOUT is a folder with demo/, dist/ and tools/ of its own. Where a name begins
// with `asked`, Generate is pressed as soon as the page has loaded, for pages that do not begin by themselves. In turns,
// medians of all rounds.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, UserError } from '../tools/lib/console.mjs';
import { launchBrowser } from '../wasm-tests/browser/browser.mjs';
import { median } from './statistics.mjs';

const ROUNDS = 21;

/** Notes in the page when it was first painted, when the first word stood there, and how much has moved by then. */
function watch(isAsked) {
  const seen = { paintMs: null, wordMs: null, shift: 0 };
  window.seen = seen;
  const observe = (type, use) =>
    new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ type, buffered: true });
  observe('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') seen.paintMs = startTime;
  });
  observe('layout-shift', ({ value }) => {
    seen.shift += value;
  });
  const words = new MutationObserver(() => {
    if (!document.querySelector('#text-voice')?.textContent) return;
    seen.wordMs = performance.now();
    words.disconnect();
  });
  words.observe(document, { childList: true, characterData: true, subtree: true });
  if (isAsked) addEventListener('load', () => document.querySelector('#generate').click());
}

/** One visit. */
async function visit({ name, url }) {
  const browser = await launchBrowser(); // nothing compiled is left of an earlier one
  try {
    const page = await browser.newPage();
    await page.addInitScript(watch, name.startsWith('asked'));
    await page.goto(url);
    await page.waitForFunction(() => window.seen.paintMs !== null && window.seen.wordMs !== null);
    return await page.evaluate(() => window.seen);
  } finally {
    await browser.close();
  }
}

await main(async () => {
  const given = process.argv.slice(2).map((argument) => argument.split('='));
  if (given.length === 0) throw new UserError('Give checkouts to compare: NAME=FOLDER ...');
  const demos = [];
  for (const [name, folder] of given) {
    const { startServer } = await import(pathToFileURL(resolve(folder, 'tools/serve.mjs')));
    demos.push({ name, visits: [], ...(await startServer({ port: 0 })) });
  }
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const demo of demos) demo.visits.push(await visit(demo));
  } finally {
    await Promise.all(demos.map((demo) => demo.close()));
  }
  const of = ({ visits }, what) => median(visits.map((each) => each[what]));
  console.log('demo | first paint, ms | first word, ms | against the first demo | layout shift');
  for (const demo of demos) {
    const [paint, word] = ['paintMs', 'wordMs'].map((what) => of(demo, what));
    const ratios = ['paintMs', 'wordMs'].map((what) => (of(demo, what) / of(demos[0], what)).toFixed(2));
    const figures = [paint.toFixed(), word.toFixed(), ratios.join(', '), of(demo, 'shift').toFixed(3)];
    console.log([demo.name, ...figures].join(' | '));
  }
});
