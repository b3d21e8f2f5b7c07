// Choosing a model: the embedded one, files, a folder, a drop anywhere on the page, or a name that is typed.

import { PageProblem } from '../parts/problems.js';
import { droppedFiles, isModelFile, takeDrops } from './dropped-files.js';
import { EMBEDDED } from './embedded-model.js';
import { notOfModel } from './load-problems.js';
import { ModelField } from './model-field.js';

export class ModelPicker {
  #embedded = document.querySelector('#use-embedded');
  #field;

  /**
   * @param {{ onChoice(choice: { name: string, source: string | URL | File[], isEmbedded?: boolean,
   *   origin?: 'hub' | 'address', options?: object }): void, onProblem(problem: Error): void }} handlers
   */
  constructor({ onChoice, onProblem }) {
    this.#field = new ModelField({ onChoice, onProblem });
    const choose = (files, folder) => {
      const usable = files.filter(isModelFile);
      if (usable.length > 0) onChoice({ name: folder || nameOf(usable), source: usable });
      else onProblem(notOfModel(files, folder));
    };
    this.#embedded.addEventListener('click', () => onChoice(EMBEDDED));
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

  /** @param {{ isEmbedded?: boolean } | null} current the model that is there */
  setModel(current) {
    this.#embedded.hidden = current?.isEmbedded === true;
  }

  /** Says below the field what became of loading. */
  say(words) {
    this.#field.say(words);
  }
}

function nameOf(files) {
  const weights = files.find((file) => /\.(gguf|safetensors)$/i.test(file.name));
  return files.length === 1 ? files[0].name : `${(weights ?? files[0]).name} and ${files.length - 1} more`;
}
