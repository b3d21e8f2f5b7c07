// The dialog that models are chosen in: first the choices, then what the chosen one would take.

export class ModelDialog {
  #dialog = document.querySelector('#model-dialog');
  #views = { choices: document.querySelector('#choices'), proposal: document.querySelector('#proposal') };
  /** Called when the dialog is closed, by whom ever. */
  onClose = () => {};

  constructor() {
    document.querySelector('#close-models').addEventListener('click', () => this.close());
    this.#dialog.addEventListener('close', () => this.onClose());
    // Its keys are its own: behind it Escape would end a text.
    this.#dialog.addEventListener('keydown', (event) => event.stopPropagation());
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog && isBeside(event, this.#dialog)) this.close();
    });
  }

  get element() {
    return this.#dialog;
  }

  get isOpen() {
    return this.#dialog.hasAttribute('open');
  }

  /** @param {'choices' | 'proposal'} view */
  open(view) {
    for (const [name, element] of Object.entries(this.#views)) element.hidden = name !== view;
    if (this.isOpen) return;
    // Firefox has dialogs since 98; before, it stands on the page.
    if (this.#dialog.showModal === undefined) this.#dialog.setAttribute('open', '');
    else this.#dialog.showModal();
  }

  close() {
    if (!this.isOpen) return;
    if (this.#dialog.close !== undefined) return this.#dialog.close();
    this.#dialog.removeAttribute('open');
    this.onClose();
  }
}

/** A click on the backdrop is one on the dialog, outside of its box. */
function isBeside({ clientX, clientY }, dialog) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
