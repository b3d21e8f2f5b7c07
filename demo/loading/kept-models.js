// The models that are kept on this device: what they are, how large, when they were used; to load and to delete.

import { bytes, daysAgo } from '../parts/format.js';
import { PageProblem } from '../parts/problems.js';
import { ModelStore } from '../sotto/index.js';
import { isDownloading, onChangeElsewhere, tellOfChange } from './downloads.js';
import { shareWords } from './load-words.js';
import { choiceOf } from './model-address.js';

export class KeptModels {
  #store = new ModelStore();
  #total = document.querySelector('#kept-total');
  #list = document.querySelector('#kept-list');
  #hint = document.querySelector('#kept-hint');
  #summary = document.querySelector('#kept summary');
  #handlers;
  #models = [];

  /**
   * @param {{ onChoice(choice: object): void, onGoOn(choice: object): void, onDelete(name: string | null): Promise<void>,
   *   onProblem(problem: unknown): void, announce(words: string): void }} handlers `onDelete`: called before; null: all
   */
  constructor(handlers) {
    this.#handlers = handlers;
    const clear = document.querySelector('#kept-clear');
    askTwice(clear, 'Delete all: sure?', () => this.#delete(null));
    onChangeElsewhere(() => this.show());
  }

  /** What was kept when it was shown last. */
  get models() {
    return this.#models;
  }

  /** Shows what is kept now. */
  async show() {
    try {
      const [models, size] = await Promise.all([this.#store.list(), this.#store.size()]);
      this.#models = models;
      const count = `${models.length} model${models.length === 1 ? '' : 's'}`;
      this.#total.textContent = size === 0 ? 'nothing yet' : `${count}, ${bytes(size)}`;
      const focused = this.#list.contains(document.activeElement) ? document.activeElement.ariaLabel : null;
      this.#list.replaceChildren(...models.map((model) => this.#item(model)));
      if (focused !== null) this.#focus(focused);
      document.querySelector('#kept-clear').hidden = size === 0;
      await this.#showHint();
    } catch (error) {
      this.#total.textContent = 'not to be read';
      this.#hint.textContent = error.message;
    }
  }

  /** Where the focus was, as far as that is there. */
  #focus(label) {
    const same = [...this.#list.querySelectorAll('button')].find(({ ariaLabel }) => ariaLabel === label);
    (same ?? this.#summary).focus();
  }

  /** Asks the browser to keep them for good, when the first is there that the visitor chose. */
  async protect() {
    if (this.#models.length !== 1 || (await navigator.storage?.persisted?.())) return;
    await this.#store.persist().catch(() => false);
    await this.#showHint();
  }

  async #showHint() {
    if (this.#store.kind === null) {
      this.#hint.textContent =
        'This browser keeps nothing here, as in private windows: a model has to be downloaded each time.';
      return;
    }
    const [isSafe, quota] = await Promise.all([navigator.storage?.persisted?.(), this.#store.quota()]);
    this.#hint.textContent = [
      isSafe
        ? 'They stay until you delete them.'
        : 'They stay until you delete them, or the browser needs the room.',
      quota !== null && `It has room for ${bytes(Math.max(0, quota.quota - quota.usage))} more.`,
    ]
      .filter(Boolean)
      .join(' ');
  }

  #item(model) {
    const { name, lastUsed } = model;
    // Stopped before the weights began, all is there that is known of.
    const isComplete =
      model.isComplete && model.files.some((file) => /\.(gguf|safetensors)$/i.test(file.name));
    const item = document.createElement('li');
    const loads = targetsOf(model).map(({ choice, label }) => {
      const load = button(isComplete ? label : 'Go on', name);
      const act = isComplete ? this.#handlers.onChoice : this.#handlers.onGoOn;
      load.addEventListener('click', () => act(choice));
      return load;
    });
    const remove = button('Delete', name);
    askTwice(remove, 'Sure?', () => this.#delete(name));
    const buttons = document.createElement('div');
    buttons.append(...loads, remove);
    item.append(
      text('kept-name', name),
      text('kept-facts', `${sizeWords(model)} · used ${daysAgo(lastUsed)}`),
      buttons,
    );
    return item;
  }

  /** @param {string | null} name null: all */
  async #delete(name) {
    try {
      await this.#handlers.onDelete(name);
      if (await isDownloading(name))
        throw new PageProblem('in-use', `${name ?? 'A model'} is on its way there.`);
      if (name === null) await this.#store.clear();
      else await this.#store.delete(name);
      tellOfChange();
      this.#handlers.announce(name === null ? 'All models are deleted.' : `${name} is deleted.`);
    } catch (error) {
      this.#handlers.onProblem(error);
    }
    await this.show();
    this.#summary.focus();
  }
}

/** How much there is: of an unfinished download as a share, too. */
function sizeWords({ isComplete, bytes: kept, totalBytes }) {
  if (isComplete) return bytes(kept);
  return `${shareWords(kept, totalBytes)} of it: ${bytes(kept)} of ${bytes(totalBytes)}`;
}

/** What of a model can be loaded: of GGUF files, which may be kept in several types, each. */
function targetsOf(model) {
  const choice = choiceOf(model.name);
  const types = model.files.map(({ name }) => /[-.](\w+?)(?:-00001-of-\d+)?\.gguf$/i.exec(name)?.[1]);
  const known = choice.origin === 'hub' ? types.filter((type) => /^(I?Q\d|BF16|F16|F32)/i.test(type)) : [];
  if (known.length === 0) return [{ choice, label: 'Load' }];
  return known.map((type) => {
    const [id, rest] = [choice.source, model.name.slice(choice.source.length)];
    return { choice: choiceOf(`${id}:${type}${rest}`), label: `Load ${type}` };
  });
}

/** Whose visible word is where its whole name begins. */
function button(label, what) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'quiet';
  made.textContent = label;
  made.setAttribute('aria-label', `${label} ${what}`);
  return made;
}

function text(className, words) {
  const made = document.createElement('span');
  made.className = className;
  made.textContent = words;
  return made;
}

/** A button that does what cannot be undone: it asks, and takes the second press. */
function askTwice(asked, question, act) {
  const { textContent: label } = asked;
  const name = asked.getAttribute('aria-label');
  const show = (isAsking) => {
    asked.textContent = isAsking ? question : label;
    asked.classList.toggle('is-asking', isAsking);
    if (name !== null) asked.setAttribute('aria-label', isAsking ? `${name}: sure?` : name);
  };
  asked.addEventListener('click', () => {
    const isSure = asked.classList.contains('is-asking');
    show(!isSure);
    if (isSure) act();
  });
  asked.addEventListener('blur', () => show(false));
}
