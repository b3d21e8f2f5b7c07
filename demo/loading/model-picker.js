// Choosing a model: the embedded one, files, a folder, a drop anywhere on the page, or a name that is typed; and how
// far loading is.

import { bytes, count, parameters } from '../parts/format.js';
import { PageProblem } from '../parts/problems.js';
import { droppedFiles, isModelFile } from './dropped-files.js';
import { progressWords } from './load-words.js';
import { ModelField } from './model-field.js';

/** What the page carries with it. */
export const EMBEDDED = {
  name: 'Tiny stories',
  source: new URL('../models/tiny-stories/', import.meta.url),
  isEmbedded: true,
};

export class ModelPicker {
  #name = document.querySelector('#model-name');
  #facts = document.querySelector('#model-facts');
  #loading = document.querySelector('#model-loading');
  #progress = document.querySelector('#progress');
  #fill = document.querySelector('#progress-fill');
  #progressText = document.querySelector('#progress-text');
  #embedded = document.querySelector('#use-embedded');
  #field;

  /**
   * @param {{ onChoice(choice: { name: string, source: string | URL | File[], isEmbedded?: boolean,
   *   origin?: 'hub' | 'address', options?: object }): void, onCancel(): void, onProblem(problem: Error): void }} handlers
   */
  constructor({ onChoice, onCancel, onProblem }) {
    this.#field = new ModelField({ onChoice, onProblem });
    const choose = (files, folder) => {
      const usable = files.filter(isModelFile);
      if (usable.length > 0) onChoice({ name: folder || nameOf(usable), source: usable });
      else onProblem(new PageProblem('file-not-found', 'None of these files can belong to a model.'));
    };
    this.#embedded.addEventListener('click', () => onChoice(EMBEDDED));
    document.querySelector('#cancel-loading').addEventListener('click', onCancel);
    for (const input of document.querySelectorAll('#choose-files, #choose-folder')) {
      input.addEventListener('change', () => {
        const files = [...input.files];
        // Emptied, so that the same files can be chosen again after a repair.
        input.value = '';
        if (files.length > 0) choose(files, files[0].webkitRelativePath.split('/')[0]);
      });
    }
    takeDrops(async (transfer) => {
      const folder = transfer.items[0]?.webkitGetAsEntry?.();
      try {
        choose(await droppedFiles(transfer), folder?.isDirectory ? folder.name : '');
      } catch (error) {
        onProblem(
          new PageProblem('file-not-found', `The browser could not read what was dropped: ${error.message}`),
        );
      }
    });
  }

  /** @param {{ name: string }} choice */
  showLoading({ name }) {
    this.#name.textContent = name;
    this.#field.say();
    this.#showsLoading(true);
    this.#showProgress(0, 'Opening…');
  }

  /** @param {import('../../web/index.ts').LoadProgress} progress */
  showProgress(progress) {
    const { loaded, total } = progress.all;
    this.#showProgress(total === null || total === 0 ? 0 : loaded / total, progressWords(progress));
  }

  /** Says that loading was stopped, and what remains of it. */
  showStopped({ origin }) {
    if (origin !== undefined) this.#field.say('Stopped. What came is kept, and loading goes on from there.');
  }

  /**
   * @param {{ name: string, isEmbedded?: boolean }} choice
   * @param {import('../../web/index.ts').ModelInfo} info
   */
  showReady({ name, isEmbedded = false }, info) {
    this.#name.textContent = name;
    this.#showFacts(
      [
        info.architecture,
        `${parameters(info.nParameters)} parameters`,
        `${bytes(info.weightBytes)} (${info.weights})`,
        `${count(info.contextLength)} tokens of context`,
      ].join(' · '),
    );
    this.#embedded.hidden = isEmbedded;
  }

  showNone() {
    this.#name.textContent = 'No model';
    this.#showFacts('Choose one to begin.');
    this.#embedded.hidden = false;
  }

  #showFacts(words) {
    this.#showsLoading(false);
    this.#facts.textContent = words;
  }

  #showsLoading(isLoading) {
    const hasFocus = this.#loading.contains(document.activeElement);
    this.#loading.hidden = !isLoading;
    if (hasFocus && !isLoading) document.querySelector('#model-form button').focus();
    this.#facts.hidden = isLoading;
  }

  #showProgress(share, words) {
    const percent = Math.round(share * 100);
    this.#fill.style.width = `${percent}%`;
    this.#progress.setAttribute('aria-valuenow', percent);
    this.#progress.setAttribute('aria-valuetext', words);
    this.#progressText.textContent = words;
  }
}

function nameOf(files) {
  const weights = files.find((file) => /\.(gguf|safetensors)$/i.test(file.name));
  return files.length === 1 ? files[0].name : `${(weights ?? files[0]).name} and ${files.length - 1} more`;
}

/** Calls back with each drop of files, and shows where they fall while they hover. */
function takeDrops(onDrop) {
  const target = document.querySelector('#drop-target');
  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');
  // Entering a child comes before leaving its parent, so the depth is 0 only outside the page.
  let depth = 0;
  const enter = (change) => (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + change);
    target.hidden = depth === 0;
  };
  document.addEventListener('dragenter', enter(1));
  document.addEventListener('dragleave', enter(-1));
  document.addEventListener('dragover', (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    target.hidden = true;
    onDrop(event.dataTransfer);
  });
}
