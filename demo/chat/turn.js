// One message on the page: who speaks, what was thought, said and called, and what can be done with it.

import { isSendKey } from '../parts/send-key.js';

const SPEAKERS = { user: 'You', assistant: 'Model' };

export class Turn {
  element;
  node;
  #body;
  #tools = make('div', 'turn-tools');
  #said = null;
  #thought = null;
  #onEdit = null;

  /**
   * @param {string} role
   * @param {object} [node] of the conversation; none while it is being written
   */
  constructor(role, node = null) {
    this.node = node;
    this.element = make('article', `turn is-${role === 'user' ? 'user' : 'model'}`);
    this.#body = make('div', 'turn-body');
    const speaker = make('h3', 'speaker', SPEAKERS[role] ?? role);
    this.element.append(speaker, this.#body, this.#tools);
  }

  /** @param {import('../../web/index.ts').ChatMessage} message */
  addMessage({ content, reasoning_content: thought, tool_calls: calls = [] }) {
    if (thought) this.add({ kind: 'thinking', text: thought });
    if (content) this.add({ kind: 'text', text: content });
    for (const call of calls) this.add({ kind: 'tool-call', toolCall: call.function });
    if (this.#body.childElementCount === 0) this.#body.append(make('p', 'blank', 'Nothing was said.'));
  }

  /** @param {import('../../web/index.ts').Piece} piece */
  add({ kind = 'text', text, toolCall }) {
    if (kind === 'tool-call') this.#body.append(callOf(toolCall));
    else if (text !== '') this.#part(kind).append(text);
  }

  /** The arrows between versions, and what handlers are given for. */
  addTools({ at, count }, { onTurn, onEdit, onRegenerate }) {
    if (count > 1) {
      const versions = make('span', 'versions');
      versions.setAttribute('role', 'group');
      versions.setAttribute('aria-label', 'Versions of this message');
      versions.append(
        this.#button('previous', '‹', () => onTurn(-1), 'Previous version'),
        make('span', 'version', `${at}/${count}`),
        this.#button('next', '›', () => onTurn(1), 'Next version'),
      );
      this.#tools.append(versions);
      this.button('previous').dataset.isEnd = String(at === 1);
      this.button('next').dataset.isEnd = String(at === count);
    }
    this.#onEdit = onEdit ?? null;
    if (onEdit) this.#tools.append(this.#button('edit', 'Edit', () => this.edit(this.node.message.content)));
    if (onRegenerate) this.#tools.append(this.#button('regenerate', 'Regenerate', onRegenerate));
    if (this.node.note !== '') this.#tools.append(make('span', 'note', this.node.note));
  }

  /** @param {string} action */
  button(action) {
    return this.#tools.querySelector(`[data-action="${action}"]`);
  }

  setDisabled(isDisabled) {
    for (const button of this.element.querySelectorAll('button')) {
      button.setAttribute('aria-disabled', String(isDisabled || button.dataset.isEnd === 'true'));
    }
  }

  /** Puts a box in the place of the message. */
  edit(text) {
    const box = make('textarea', 'edit-box');
    box.setAttribute('aria-label', 'Edit the message');
    box.rows = 3;
    box.value = text;
    const before = [...this.#body.childNodes];
    const close = () => {
      this.#body.replaceChildren(...before);
      this.#tools.hidden = false;
      this.button('edit').focus();
    };
    const send = () => box.value.trim() !== '' && this.#onEdit(box.value.trim());
    box.addEventListener('keydown', (event) => {
      if (isSendKey(event)) send();
      else if (event.key === 'Escape') close();
      else return;
      event.preventDefault();
    });
    const buttons = make('div', 'turn-tools');
    buttons.append(this.#button('send-edit', 'Send', send), this.#button('cancel-edit', 'Cancel', close));
    this.#tools.hidden = true;
    this.#body.replaceChildren(box, buttons);
    box.focus();
  }

  #part(kind) {
    if (kind === 'thinking') {
      if (this.#thought === null) {
        const details = make('details', 'thinking');
        this.#thought = make('div', 'thought');
        details.append(make('summary', '', 'Thoughts'), this.#thought);
        this.#body.prepend(details);
      }
      return this.#thought;
    }
    if (this.#said === null) {
      this.#said = make('div', 'said');
      this.#body.append(this.#said);
    }
    return this.#said;
  }

  #button(action, words, onClick, label) {
    const button = make('button', 'quiet', words);
    button.type = 'button';
    button.dataset.action = action;
    if (label) button.setAttribute('aria-label', label);
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') onClick();
    });
    return button;
  }
}

function callOf({ name, arguments: given }) {
  const call = make('pre', 'call');
  const shown = typeof given === 'string' ? given : JSON.stringify(given, null, 2);
  call.append(make('code', '', `${name}(${shown})`));
  return call;
}

function make(name, className, words = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = words;
  return made;
}
