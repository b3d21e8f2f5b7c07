// Service workers and browser extensions: places without import(), whose scripts come whole.
import { extensionBackground, extensionPage } from '../kinds/extensions.mjs';
import { openServed } from '../kinds/pages.mjs';
import { page, pageProgram } from '../kinds/programs.mjs';

const DIST = './node_modules/sotto/dist';
const MODEL = './node_modules/sotto-tiny-stories/index.js';
const IMPORT_MODEL = `import tinyStories from '${MODEL}';`;

/** A service worker answers the page that asks it. */
const ANSWER = `addEventListener('message', ({ data, source }) => {
  if (data === 'tell') tell(load).then((outcome) => source.postMessage(outcome));
});`;

/** A worker's program; with `index.js` it asks more than its place allows. */
const program = (entry, begin) => `import { LanguageModel } from '${DIST}/${entry}';
${IMPORT_MODEL}
import { tell } from './story.js';
const load = () => LanguageModel.load(tinyStories);
${begin}`;

/** The page whose service worker tells. */
const ASKING_PAGE = `
const ask = async () => {
  const registration = await navigator.serviceWorker.register('./service-worker.js', { type: 'module' });
  await navigator.serviceWorker.ready;
  return new Promise((resolve) => {
    navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
    registration.active.postMessage('tell');
  });
};
globalThis.outcome = ask();
`;

const EXTENSION_PAGE = {
  'index.html': page(),
  'main.js': pageProgram({ entry: `${DIST}/index.js`, imports: IMPORT_MODEL }),
};

const inServiceWorker = (script) => async (harness, name) => {
  const files = { 'index.html': page(), 'main.js': ASKING_PAGE, 'service-worker.js': script };
  const folder = await harness.project(name, files);
  return openServed(harness, { folders: { '/': folder } });
};

export const workers = [
  {
    name: 'service worker, with `sotto`',
    run: inServiceWorker(program('index.js', ANSWER)),
    refused: /A service worker may neither start workers nor import\(\) scripts.*sotto\/edge/,
  },
  {
    name: 'service worker',
    entry: 'sotto/edge',
    threads: 'no',
    run: inServiceWorker(program('edge.js', ANSWER)),
  },
  {
    name: 'page of an extension (MV3)',
    needs: "`script-src 'self' 'wasm-unsafe-eval'` in the manifest",
    threads: 'no',
    run: extensionPage(EXTENSION_PAGE),
  },
  {
    name: 'background of an extension (MV3)',
    entry: 'sotto/edge',
    needs: "`script-src 'self' 'wasm-unsafe-eval'` in the manifest",
    threads: 'no',
    run: extensionBackground({ 'background.js': program('edge.js', 'globalThis.outcome = tell(load);') }),
  },
];
