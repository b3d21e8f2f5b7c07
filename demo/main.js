// The page's wiring: one model, one text at a time.

import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { bytes } from './format.js';
import { EMBEDDED, ModelPicker } from './model-picker.js';
import { Output } from './output.js';
import { Problems } from './problems.js';
import { PromptBox } from './prompt-box.js';
import { LanguageModel } from './sotto/index.js';

const generateButton = document.querySelector('#generate');
const generateLabel = document.querySelector('#generate-label');
const stopButton = document.querySelector('#stop');
const announce = (message) => {
  document.querySelector('#status').textContent = message;
};

const problems = new Problems(document.querySelector('#problem'));
const controls = new Controls();
const promptBox = new PromptBox();
const figures = new Figures();
const output = new Output(announce);
const picker = new ModelPicker({
  onChoice: loadModel,
  onCancel: cancelLoading,
  onProblem: (problem) => problems.show(problem, whatRemains()),
});

/** The model that is there: { model, choice }, or null. */
let current = null;
/** The controller of the loading that is under way, or null. */
let loading = null;
/** The generation that is under way, or null. */
let generation = null;
/** Whether a text was asked for while the model was still loading. */
let isWaiting = false;

document.querySelector('#composer').addEventListener('submit', (event) => {
  event.preventDefault();
  generate();
});
stopButton.addEventListener('click', stop);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) generate();
  else if (event.key === 'Escape') stop();
});
if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector('#generate-key').textContent = '⌘ ↵';

loadModel(EMBEDDED);

/** Loads what was chosen; the model before it stays until the new one is there. */
async function loadModel(choice, { keepsProblem = false } = {}) {
  generation?.abort();
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  if (!keepsProblem) problems.clear();
  picker.showLoading(choice);
  announce(`Loading ${choice.name}.`);
  showState();
  try {
    await generation?.result.catch(() => {});
    const model = await LanguageModel.load(choice.source, {
      onProgress: (progress) => loading === mine && picker.showProgress(progress),
      signal: mine.signal,
    });
    const memory = await model.memory();
    if (loading !== mine) return await model.dispose();
    const before = current;
    current = { model, choice };
    showModel(memory);
    await before?.model.dispose();
  } catch (error) {
    if (loading !== mine) return;
    if (current === null) picker.showNone();
    else picker.showReady(current.choice, current.model.info);
    if (!mine.signal.aborted) problems.show(error, whatRemains());
  }
  if (loading !== mine) return;
  loading = null;
  const isWanted = isWaiting && current !== null;
  isWaiting = false;
  showState();
  if (isWanted) generate();
}

function showModel({ heapBytes }) {
  const { choice, model } = current;
  picker.showReady(choice, model.info);
  controls.setModel(model.info);
  promptBox.setModel(model.info, choice.isEmbedded);
  announce(`${choice.name} is ready.`);
  document.querySelector('#runtime').textContent = [
    `Engine: ${model.info.variant} in a worker (${model.info.variantReason})`,
    `${bytes(heapBytes)} of memory`,
    `page ${crossOriginIsolated ? 'is' : 'is not'} cross-origin isolated`,
  ].join(' · ');
}

function cancelLoading() {
  isWaiting = false;
  loading?.abort();
}

async function generate() {
  if (generation !== null) return;
  if (loading !== null) {
    isWaiting = true;
    announce('The text begins when the model is ready.');
    return showState();
  }
  if (current === null) return;
  problems.clear();
  try {
    const prompt = promptBox.read();
    generation = current.model.generate(prompt, controls.read());
    output.begin(prompt);
  } catch (error) {
    return fail(error);
  }
  showState();
  announce('Writing.');
  await follow(generation);
  output.end();
  generation = null;
  showState();
}

/** Shows a generation until it has ended. */
async function follow(run) {
  figures.begin();
  try {
    const result = await show(run);
    const reason = figures.end(result);
    announce(`Done: ${result.usage.completionTokens} tokens, ${reason}.`);
  } catch (error) {
    figures.fail();
    fail(error);
  }
}

/** Shows the pieces as they come; what there is of a text that somebody stopped is a result, too. */
async function show(run) {
  try {
    for await (const piece of run) {
      output.add(piece);
      figures.add(piece);
    }
    return await run.result;
  } catch (error) {
    if (error.name === 'AbortError') return error.result;
    throw error;
  }
}

/** An engine that stopped cannot go on; a new one can. The message stays while it loads. */
function fail(error) {
  problems.show(error);
  if (error.code === 'engine-crashed') loadModel(current.choice, { keepsProblem: true });
}

function stop() {
  if (generation !== null) generation.abort();
  else if (isWaiting) isWaiting = false;
  else cancelLoading();
  showState();
}

function showState() {
  const isBusy = generation !== null;
  generateButton.setAttribute(
    'aria-disabled',
    String(isBusy || isWaiting || (current === null && loading === null)),
  );
  stopButton.setAttribute('aria-disabled', String(!isBusy && !isWaiting));
  generateLabel.textContent = isBusy ? 'Writing…' : isWaiting ? 'Waiting for the model…' : 'Generate';
}

function whatRemains() {
  return current === null ? '' : `${current.choice.name} is still there.`;
}
