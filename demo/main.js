// The page's wiring: one model, and what is done with it.

import { install } from './install.js';
import { EMBEDDED } from './loading/embedded-model.js';
import { KeptModels } from './loading/kept-models.js';
import { problemOf } from './loading/load-problems.js';
import { Loader } from './loading/loader.js';
import { ModelDialog } from './loading/model-dialog.js';
import { ModelPicker } from './loading/model-picker.js';
import { Proposal } from './loading/proposal.js';
import { Resume } from './loading/resume.js';
import { Modes } from './modes.js';
import { workOffline } from './offline.js';
import { Controls } from './parts/controls.js';
import { bytes } from './parts/format.js';
import { PageProblem, Problems } from './parts/problems.js';
import { Tools } from './tools.js';

/** What may be otherwise when it is tried again. */
const MAY_PASS = [
  'network',
  'no-answer',
  'offline',
  'back-online',
  'busy',
  'no-worker',
  'engine-crashed',
  'store',
];

/** Tells screen readers; behind an open dialog they would not hear it. */
const announce = (message) => {
  const place = document.querySelector('dialog[open] [role="status"]') ?? document.querySelector('#status');
  place.textContent = message;
};

const problems = new Problems(document.querySelector('#problem'));
const controls = new Controls();
const dialog = new ModelDialog();
const proposal = new Proposal({ dialog, announce });
const picker = new ModelPicker({ onChoice: chooseModel, onProblem: showChoiceProblem });
const resume = new Resume({ announce, onChoice: loadModel });
const loader = new Loader({
  announce,
  onBegin: beginLoading,
  onModel: showModel,
  onStopped: showStopped,
  onProblem: (problem, choice, came) => showChoiceProblem(problem, () => loadModel(choice), came),
  onEnd: endLoading,
  onStop: stopLoading,
});
const kept = new KeptModels({
  announce,
  onChoice: chooseModel,
  onGoOn: loadModel,
  onDelete: (name) => loader.stopIf(name),
  onProblem: showChoiceProblem,
});
const modes = new Modes({ announce, controls, fail, problems }, stopLoading);

/** Tries again what failed last. */
let again = null;

const tools = new Tools({ announce, controls, current: () => loader.current, fail, modes, problems });

if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector('#generate-key').textContent = '⌘ ↵';
install(announce);
addEventListener('online', () => {
  if (problems.code === 'offline') showChoiceProblem(new PageProblem('back-online', ''), again);
});
dialog.onClose = () => {
  proposal.stop();
  if (problems.isIn(dialog.element)) problems.clear();
};

loadModel(EMBEDDED).then(() => resume.offer(kept.models));
document.documentElement.dataset.started = 'yes';

/**
 * Loads what was chosen, after a question where it is large or does not fit.
 *
 * @param {{ name: string, source: string | URL | File[], origin?: 'hub' | 'address', options?: object }} choice
 */
export async function chooseModel(choice) {
  problems.clear();
  resume.hide();
  const isInDialog = dialog.isOpen || choice.origin !== undefined;
  if (!isInDialog && !choice.isEmbedded) loader.showLooking(choice);
  try {
    const agreed = await proposal.agree(choice);
    loader.showCurrent();
    if (agreed !== null) await loadModel(agreed);
  } catch (error) {
    loader.showCurrent();
    showChoiceProblem(problemOf(error, choice), () => chooseModel(choice));
  }
}

async function loadModel(choice) {
  problems.clear();
  resume.hide();
  if (dialog.isOpen) dialog.close();
  await loader.load(choice);
}

function beginLoading() {
  const isFree = modes.end();
  modes.setLoading(true);
  return isFree;
}

function showModel({ heapBytes }, isAgain) {
  const { choice, model } = loader.current;
  controls.setModel(model.info);
  modes.setModel(model, choice, isAgain);
  picker.setModel(choice);
  announce(`${choice.name} is ready.`);
  workOffline(model.info.variant);
  const why = choice.origin && model.info.notices.find((notice) => notice.includes('is not kept'));
  if (why) showNotKept(/no room/.test(why));
  document.querySelector('#runtime').textContent = [
    `Engine: ${model.info.variant} in a worker (${model.info.variantReason})`,
    `${bytes(heapBytes)} of memory`,
    `page ${crossOriginIsolated ? 'is' : 'is not'} cross-origin isolated`,
  ].join(' · ');
}

function showNotKept(isFull) {
  const why = isFull ? 'The browser has no room for it.' : 'The browser keeps nothing of this page.';
  const problem = new PageProblem(isFull ? 'not-kept' : 'keeps-nothing', why);
  const way = isFull ? { label: 'See what is kept', act: () => dialog.open('choices') } : null;
  problems.show(problem, '', document.querySelector('#resume'), way);
}

function showStopped({ origin }) {
  if (origin !== undefined) picker.say('Stopped. What came is kept, and loading goes on from there.');
  announce('Stopped.');
}

async function endLoading(isWanted) {
  modes.setLoading(false, isWanted);
  tools.modelReady();
  if (loader.current === null) picker.setModel(null);
  await kept.show();
  if (loader.current?.choice.origin !== undefined) await kept.protect();
}

function stopLoading() {
  proposal.stop();
  loader.stop();
}

/** An engine that stopped cannot go on; a new one can. The message stays while it loads. */
function fail(error) {
  problems.show(problemOf(error, { name: loader.current?.choice.name ?? 'The model' }));
  if (error.code === 'engine-crashed' && loader.current !== null)
    loader.load(loader.current.choice, { isAgain: true });
}

function showChoiceProblem(problem, tryAgain = null, came = '') {
  again = tryAgain;
  const near = document.querySelector(dialog.isOpen ? '#model-form' : '#resume');
  const remains = loader.current === null ? '' : `${loader.current.choice.name} is still there.`;
  const remark = [came, remains].filter(Boolean).join(' ');
  const way = tryAgain !== null && MAY_PASS.includes(problem?.code);
  problems.show(problem, remark, near, way ? { label: 'Try again', act: tryAgain } : null);
}
