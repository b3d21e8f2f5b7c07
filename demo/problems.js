// Errors in words: what went wrong, and what to do on this page.

const TITLES = {
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
  'out-of-memory': 'There is not enough memory',
  'unsupported-environment': 'This browser lacks something',
  'engine-crashed': 'The engine stopped',
};

const ADVICE = {
  'file-not-found':
    'Choose all files of the model at once: a .gguf (or all its parts), or config.json, model.safetensors (or its parts and their index) and tokenizer.json.',
  network: 'Check the connection and choose the model again.',
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

/** The place where an error is shown, until it is closed or something works again. */
export class Problems {
  #place;

  /** @param {HTMLElement} place a live region */
  constructor(place) {
    this.#place = place;
  }

  /**
   * @param {unknown} error
   * @param {string} [remark] what else the reader should know, such as which model is still there
   */
  show(error, remark = '') {
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
