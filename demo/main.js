// The page's wiring: one model, and what is done with it.

import { KeptModels } from './loading/kept-models.js';
import { Quarters } from './loading/load-words.js';
import { EMBEDDED, ModelPicker } from './loading/model-picker.js';
import { Modes } from './modes.js';
import { workOffline } from './offline.js';
import { Controls } from './parts/controls.js';
import { bytes } from './parts/format.js';
import { PageProblem, Problems, problemOf } from './parts/problems.js';
import { LanguageModel } from './sotto/index.js';

const announce = (message) => {
  document.querySelector('#status').textContent = message;
};

const problems = new Problems(document.querySelector('#problem'));
const controls = new Controls();
const picker = new ModelPicker({
  onChoice: loadModel,
  onCancel: cancelLoading,
  onProblem: showChoiceProblem,
});
const kept = new KeptModels({
  announce,
  onChoice: loadModel,
  onDelete: (name) => loading !== null && [null, loading.name].includes(name) && cancelLoading(),
  onProblem: showChoiceProblem,
});
const modes = new Modes({ announce, controls, fail, problems }, cancelLoading);

/** The model that is there: { model, choice }, or null. */
let current = null;
/** The loading that is under way: its controller, with the model's name; or null. */
let loading = null;

if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector('#generate-key').textContent = '⌘ ↵';

loadModel(EMBEDDED);

/** Loads what was chosen; the model before it stays until the new one is there. */
async function loadModel(choice, { isAgain = false } = {}) {
  const ended = modes.end();
  loading?.abort();
  const mine = Object.assign(new AbortController(), { name: choice.name });
  loading = mine;
  if (!isAgain) problems.clear();
  picker.showLoading(choice);
  announce(`Loading ${choice.name}.`);
  modes.setLoading(true);
  const quarters = new Quarters();
  try {
    await ended;
    const model = await LanguageModel.load(choice.source, {
      ...choice.options,
      onProgress: (progress) => {
        if (loading !== mine) return;
        picker.showProgress(progress);
        const words = quarters.pass(progress);
        if (words !== null) announce(words);
      },
      signal: mine.signal,
    });
    const memory = await model.memory();
    if (loading !== mine) return await model.dispose();
    const before = current;
    current = { model, choice };
    showModel(memory, isAgain);
    await before?.model.dispose();
  } catch (error) {
    if (loading !== mine) return;
    if (current === null) picker.showNone();
    else picker.showReady(current.choice, current.model.info);
    if (mine.signal.aborted) {
      picker.showStopped(choice);
      announce('Stopped.');
    } else showChoiceProblem(problemOf(error, choice));
  }
  if (loading !== mine) return;
  loading = null;
  modes.setLoading(false, !mine.signal.aborted);
  await kept.show();
  if (current?.choice.origin !== undefined) await kept.protect();
}

function showModel({ heapBytes }, isAgain) {
  const { choice, model } = current;
  picker.showReady(choice, model.info);
  controls.setModel(model.info);
  modes.setModel(model, choice, isAgain);
  announce(`${choice.name} is ready.`);
  workOffline(model.info.variant);
  const why = choice.origin && model.info.notices.find((notice) => notice.includes('is not kept'));
  if (why) showChoiceProblem(new PageProblem('not-kept', why));
  document.querySelector('#runtime').textContent = [
    `Engine: ${model.info.variant} in a worker (${model.info.variantReason})`,
    `${bytes(heapBytes)} of memory`,
    `page ${crossOriginIsolated ? 'is' : 'is not'} cross-origin isolated`,
  ].join(' · ');
}

function cancelLoading() {
  loading?.abort();
}

/** An engine that stopped cannot go on; a new one can. The message stays while it loads. */
function fail(error) {
  problems.show(error);
  if (error.code === 'engine-crashed') loadModel(current.choice, { isAgain: true });
}

function showChoiceProblem(problem) {
  problems.show(problem, whatRemains(), document.querySelector('#model-form'));
}

function whatRemains() {
  return current === null ? '' : `${current.choice.name} is still there.`;
}
