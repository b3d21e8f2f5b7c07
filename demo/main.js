// The page's wiring: one model, and what is done with it.

import { EMBEDDED } from './loading/embedded-model.js';
import { Loader } from './loading/loader.js';
import { Modes } from './modes.js';
import { workOffline } from './offline.js';
import { Controls } from './parts/controls.js';
import { bytes } from './parts/format.js';
import { PageProblem, Problems } from './parts/problems.js';
import { bringStyle } from './parts/style-sheet.js';
import { Tools } from './tools.js';

/** Tells screen readers; behind an open dialog they would not hear it. */
const announce = (message) => {
  const place = document.querySelector('dialog[open] [role="status"]') ?? document.querySelector('#status');
  place.textContent = message;
};

const problems = new Problems(document.querySelector('#problem'));
const controls = new Controls();
const loader = new Loader({
  announce,
  onBegin: beginLoading,
  onModel: showModel,
  onStopped: showStopped,
  onProblem: async (...problem) => (await bringChoosing())?.showFailed(...problem),
  onEnd: endLoading,
  onStop: stopLoading,
});
const modes = new Modes({ announce, controls, fail, problems }, stopLoading);
const tools = new Tools({ announce, controls, current: () => loader.current, fail, modes, problems });

/** What other models are chosen with, on its way or there; null before. */
let choosing = null;

if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector('#generate-key').textContent = '⌘ ↵';
document
  .querySelector('#change-model')
  .addEventListener('click', async () => (await bringChoosing())?.open());

loader.load(EMBEDDED);
document.documentElement.dataset.started = 'yes';

/** @returns {Promise<import('./loading/choosing.js').Choosing | null>} null where its code did not come, which is shown */
function bringChoosing() {
  const style = new URL('./loading/choosing.css', import.meta.url);
  choosing ??= Promise.all([import('./loading/choosing.js'), bringStyle(style)]).then(
    ([{ Choosing }]) => new Choosing({ announce, loader, problems }),
    () => {
      choosing = null;
      problems.show(new PageProblem('network', 'This part of the page did not come'));
      return null;
    },
  );
  return choosing;
}

function beginLoading() {
  const isFree = modes.end();
  modes.setLoading(true);
  return isFree;
}

async function showModel({ heapBytes }, isAgain) {
  const { choice, model } = loader.current;
  controls.setModel(model.info);
  modes.setModel(model, choice, isAgain);
  announce(`${choice.name} is ready.`);
  document.querySelector('#runtime').textContent = [
    `Engine: ${model.info.variant} in a worker (${model.info.variantReason})`,
    `${bytes(heapBytes)} of memory`,
    `page ${crossOriginIsolated ? 'is' : 'is not'} cross-origin isolated`,
  ].join(' · ');
  const why = choice.origin && model.info.notices.find((notice) => notice.includes('is not kept'));
  if (why) (await bringChoosing())?.showNotKept(/no room/.test(why));
}

async function showStopped(choice) {
  announce('Stopped.');
  (await bringChoosing())?.showStopped(choice);
}

async function endLoading(isWanted) {
  modes.setLoading(false, isWanted);
  await tools.modelReady();
  await idle(); // the first word comes first
  if (loader.current !== null) workOffline(loader.current.model.info.variant);
  await (await bringChoosing())?.showLoaded();
}

/** Resolves when the page has time, or soon. */
const idle = () => new Promise((resolve) => setTimeout(resolve, 250));

async function stopLoading() {
  loader.stop();
  (await choosing)?.stop();
}

/** An engine that stopped cannot go on; a new one can. The message stays while it loads. */
async function fail(error) {
  const { problemOf } = await import('./loading/load-problems.js');
  problems.show(problemOf(error, { name: loader.current?.choice.name ?? 'The model' }));
  if (error.code === 'engine-crashed' && loader.current !== null)
    loader.load(loader.current.choice, { isAgain: true });
}
