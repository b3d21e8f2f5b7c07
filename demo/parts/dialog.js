// A dialog that is made when it is first opened.

import { button, make } from './elements.js';
import { bringStyle } from './style-sheet.js';

/**
 * Opens a dialog; the focus goes back where it was when it closes.
 *
 * @param {{ id: string, title: string }} given
 * @param {...Node} inside
 */
export async function openDialog({ id, title }, ...inside) {
  await bringStyle(new URL('../style/paper.css', import.meta.url));
  const dialog = make('dialog', { class: 'dialog', id, 'aria-labelledby': `${id}-title` });
  // Firefox has dialogs since 98; before, it stands on the page.
  const close = () => (dialog.close === undefined ? dialog.remove() : dialog.close());
  const head = make(
    'div',
    { class: 'paper-head' },
    make('h2', { id: `${id}-title` }, title),
    button('Close', 'quiet', close),
  );
  const status = make('p', { class: 'unseen', role: 'status' }); // the page's own is out of reach behind a dialog
  dialog.append(head, ...inside, status);
  dialog.addEventListener('keydown', (event) => event.stopPropagation()); // the page's keys start and stop the writing
  dialog.addEventListener('click', (event) => event.target === dialog && close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  if (dialog.showModal === undefined) dialog.setAttribute('open', '');
  else dialog.showModal();
}

/**
 * A button that copies; where the browser forbids it, the text is marked instead.
 *
 * @param {() => string} textOf
 * @param {() => void} mark
 * @param {string} [label] what it copies, where its word alone does not say it
 */
export function copyButton(textOf, mark, label) {
  const made = button('Copy', 'quiet copy', copy, label === undefined ? {} : { 'aria-label': label });
  const announce = (words) => {
    made.closest('dialog').querySelector('[role="status"]').textContent = words;
  };
  async function copy() {
    try {
      await navigator.clipboard.writeText(textOf());
      made.textContent = 'Copied';
      announce('Copied.');
    } catch {
      mark();
      made.textContent = 'Marked';
      announce('It is marked. Copy it with Control or Command and C.');
    }
    setTimeout(() => {
      made.textContent = 'Copy';
    }, 1600);
  }
  return made;
}
