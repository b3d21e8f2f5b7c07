// Errors in words: what went wrong, and what to do on this page.

import { hubName } from '../loading/hub-address.js';

const TITLES = {
  'bad-name': 'That is no name of a model',
  offline: 'There is no connection',
  'no-model': 'There is no such model',
  'only-members': 'This model is only for some',
  'not-a-model': 'That holds no model that runs here',
  'not-kept': 'The model is there, but it is not kept',
  'file-not-found': 'A file is missing',
  network: 'The connection failed',
  'bad-file': 'A file is damaged',
  'missing-tensor': 'The weights are incomplete',
  'bad-tensor': 'The weights do not fit the model',
  'unsupported-model': 'This kind of model does not run here',
  'bad-config': 'The model’s sizes make no sense',
  'unsupported-tokenizer': 'This tokenizer does not run here',
  'no-tokenizer': 'The model has no tokenizer',
  'empty-prompt': 'There is nothing to begin with',
  'prompt-too-long': 'The beginning is too long',
  'no-chat-template': 'The model has no chat template',
  'bad-template': 'The chat template does not take this',
  'bad-token': 'A token id is wrong',
  'bad-option': 'A setting is out of range',
  store: 'What is kept of models cannot be used',
  'access-denied': 'The hub does not give this model out',
  'store-full': 'There is no room to keep the model',
  'out-of-memory': 'There is not enough memory',
  'unsupported-environment': 'This browser lacks something',
  'engine-crashed': 'The engine stopped',
};

const ADVICE = {
  'file-not-found':
    'Choose all files of the model at once: a .gguf (or all its parts), or config.json, model.safetensors (or its parts and their index) and tokenizer.json.',
  network:
    'Check the connection and choose the model again: what came is kept, and loading goes on from there.',
  offline: 'Models that are kept here load all the same: open the list below the field.',
  'no-model':
    'Look at the name once more, letter by letter: it has two parts, and large and small letters differ. Private models cannot be loaded on this page.',
  'only-members':
    'Its makers ask for an account and a consent, which this page cannot give. Another copy of it, such as a .gguf of the same model, may be open to all; or load its files on your own and open them here.',
  'not-a-model':
    'Look for one with a .gguf file, or with config.json, *.safetensors and tokenizer.json, and give its name.',
  'not-kept':
    'It works until this page is closed, and has to be fetched again then. Delete models that you no longer need.',
  'empty-prompt': 'Write a word or two, or take a suggestion.',
  'out-of-memory': 'Close other tabs, or choose a smaller model.',
  'unsupported-environment': 'A current Chrome, Edge, Firefox or Safari runs it.',
  'engine-crashed': 'The model is being loaded again; then you can go on.',
};

/** The page's own complaints, with the codes of the library's. */
export class PageProblem extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * What an error of loading means for the visitor who typed a name or an address.
 *
 * @param {unknown} error
 * @param {{ name: string, origin?: 'hub' | 'address' }} choice what was to be loaded
 */
export function problemOf(error, { name, origin }) {
  if (origin === undefined || typeof error?.code !== 'string') return error;
  if (error.code === 'network' && !navigator.onLine)
    return new PageProblem('offline', `${name} is not kept here as a whole.`);
  if (error.code === 'access-denied' && origin === 'hub') {
    // The library's further advice is for programs, and so is the server's reason in brackets.
    const what = error.message.replace(/ \([^()]*\)/g, '').split('. ')[0];
    return /no model/.test(what)
      ? new PageProblem('no-model', `${hubName} has no model ${name}, or it is private.`)
      : new PageProblem('only-members', what);
  }
  if (error.code === 'network' && origin === 'hub' && /HTTP 40[13]/.test(error.message))
    return new PageProblem(
      'only-members',
      `${name} is given out only to those who have accepted its conditions.`,
    );
  if (error.code === 'file-not-found') return new PageProblem('not-a-model', error.message);
  return error;
}

/** The place where an error is shown, until it is closed or something works again. */
export class Problems {
  /** Where errors are shown that do not say where: put first into this element. */
  home = null;
  #place;

  /** @param {HTMLElement} place a live region */
  constructor(place) {
    this.#place = place;
  }

  /**
   * @param {unknown} error
   * @param {string} [remark] what else the reader should know, such as which model is still there
   * @param {HTMLElement} [near] what it is shown after
   */
  show(error, remark = '', near = null) {
    if (near !== null) near.after(this.#place);
    else if (this.home !== null && this.#place.parentNode !== this.home) this.home.prepend(this.#place);
    const { code, message = String(error) } = error ?? {};
    const title = document.createElement('strong');
    title.textContent = `${TITLES[code] ?? 'Something went wrong'}.`;
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = '×';
    close.setAttribute('aria-label', 'Close this message');
    close.addEventListener('click', () => this.clear());
    const words = [sentence(message), ADVICE[code], remark].filter(Boolean).join(' ');
    this.#place.replaceChildren(title, ` ${words}`, close);
    this.#place.dataset.code = code ?? '';
    if (near !== null) this.#place.scrollIntoView({ block: 'nearest' });
  }

  clear() {
    this.#place.replaceChildren();
    delete this.#place.dataset.code;
  }
}

/** The library's messages begin small and end without a full stop; a file's name keeps its letters. */
function sentence(message) {
  const begun = /^[a-z]+[ ,']/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
