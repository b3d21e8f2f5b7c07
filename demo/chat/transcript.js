// The messages of a chat on the page. Whatever they hold is shown as text.

import { Turn } from './turn.js';

/** How near to its end a reader follows the text, in pixels. */
const NEAR_END = 60;

export class Transcript {
  #place = document.querySelector('#transcript');
  #handlers;
  #turns = [];
  #isBusy = false;

  /**
   * @param {{ onEdit(node: object, text: string): void, onRegenerate(node: object): void,
   *   onTurn(node: object, step: number): void }} handlers
   */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#place.tabIndex = 0; // it scrolls, so the keyboard must reach it
  }

  /**
   * Shows the chosen versions of all messages; the button that had the focus keeps it.
   *
   * @param {import('./conversation.js').Conversation} conversation
   */
  show(conversation) {
    const { path } = conversation;
    const focus = this.#focused();
    const { scrollTop } = this.#place;
    const isFollowed = this.#isAtEnd();
    this.#turns = path.map((node) => this.#turnOf(conversation, node, node === path.at(-1)));
    this.#place.replaceChildren(...(path.length === 0 ? [blank()] : this.#turns.map((turn) => turn.element)));
    this.#place.scrollTop = isFollowed ? this.#place.scrollHeight : scrollTop;
    if (focus !== null) (this.#turns[focus.index]?.button(focus.action) ?? this.#place).focus();
  }

  /**
   * Shows the messages up to a question, and an empty answer.
   *
   * @returns {{ add(piece: object): void }} what takes the answer's pieces
   */
  begin(conversation, question) {
    const { path } = conversation;
    const shown = path.slice(0, path.indexOf(question) + 1);
    this.#turns = shown.map((node) => this.#turnOf(conversation, node, false));
    const answer = new Turn('assistant');
    this.#place.replaceChildren(...this.#turns.map((turn) => turn.element), answer.element);
    this.#place.scrollTop = this.#place.scrollHeight;
    this.#place.parentElement.scrollIntoView({ block: 'nearest' });
    return {
      add: (piece) => {
        const isFollowed = this.#isAtEnd();
        answer.add(piece);
        if (isFollowed) this.#place.scrollTop = this.#place.scrollHeight;
      },
    };
  }

  /** Screen readers read an answer when it is whole; until then no other can be asked for. */
  setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.#place.setAttribute('aria-busy', String(isBusy));
    for (const turn of this.#turns) turn.setDisabled(isBusy);
  }

  /** Opens the editor of a user's message. */
  edit(node, text) {
    this.#turns.find((turn) => turn.node === node)?.edit(text);
  }

  #turnOf(conversation, node, isLast) {
    const { onEdit, onRegenerate, onTurn } = this.#handlers;
    const isUser = node.message.role === 'user';
    const turn = new Turn(node.message.role, node);
    turn.addMessage(node.message);
    turn.addTools(conversation.versions(node), {
      onTurn: (step) => onTurn(node, step),
      ...(isUser && { onEdit: (text) => onEdit(node, text) }),
      ...(!isUser && isLast && { onRegenerate: () => onRegenerate(node) }),
    });
    turn.setDisabled(this.#isBusy);
    return turn;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#place;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #focused() {
    const index = this.#turns.findIndex(({ element }) => element.contains(document.activeElement));
    return index === -1 ? null : { index, action: document.activeElement.dataset.action };
  }
}

function blank() {
  const made = document.createElement('p');
  made.className = 'blank';
  made.textContent = 'Write a message, and the model answers here.';
  return made;
}
