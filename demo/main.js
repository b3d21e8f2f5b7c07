// The page's wiring: one model, and what is done with it.

import { Controls } from './controls.js';
import { bytes } from './format.js';
import { EMBEDDED, ModelPicker } from './model-picker.js';
import { Modes } from './modes.js';
import { Problems } from './problems.js';
import { LanguageModel } from './sotto/index.js';

const announce = (message) => {
  document.querySelector('#status').textContent = message;
};

const problems = new Problems(document.querySelector('#problem'));
const controls = new Controls();
const picker = new ModelPicker({
  onChoice: loadModel,
  onCancel: cancelLoading,
  onProblem: (problem) => problems.show(problem, whatRemains()),
});
const modes = new Modes({ announce, controls, fail, problems }, cancelLoading);

/** The model that is there: { model, choice }, or null. */
let current = null;
/** The controller of the loading that is under way, or null. */
let loading = null;

if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector('#generate-key').textContent = '⌘ ↵';

loadModel(EMBEDDED);

/** Loads what was chosen; the model before it stays until the new one is there. */
async function loadModel(choice, { isAgain = false } = {}) {
  const ended = modes.end();
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  if (!isAgain) problems.clear();
  picker.showLoading(choice);
  announce(`Loading ${choice.name}.`);
  modes.setLoading(true);
  try {
    await ended;
    const model = await LanguageModel.load(choice.source, {
      onProgress: (progress) => loading === mine && picker.showProgress(progress),
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
    if (!mine.signal.aborted) problems.show(error, whatRemains());
  }
  if (loading !== mine) return;
  loading = null;
  modes.setLoading(false, !mine.signal.aborted);
}

function showModel({ heapBytes }, isAgain) {
  const { choice, model } = current;
  picker.showReady(choice, model.info);
  controls.setModel(model.info);
  modes.setModel(model, choice, isAgain);
  announce(`${choice.name} is ready.`);
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

function whatRemains() {
  return current === null ? '' : `${current.choice.name} is still there.`;
}
