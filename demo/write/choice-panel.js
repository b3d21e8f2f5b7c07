// "How this word was chosen": one token with what competed with it. Each alternative is a button that goes on from there.

import { allowedOf, decidesAlone } from './allowed.js';
import { percentOf, rankOf, rankWords, surpriseWords } from './surprise.js';
import { END } from './token-texts.js';

export const N_ALTERNATIVES = 8;

export class ChoicePanel {
  #word = document.querySelector('#choice-word');
  #facts = document.querySelector('#choice-facts');
  #note = document.querySelector('#choice-note');
  #list = document.querySelector('#alternatives');
  #rows;
  #texts = null;
  #info = null;
  /** What is shown: { token, index, options }, or null. */
  #shown = null;
  #isHeld = false;

  /**
   * @param {{ onChoose(index: number, tokenId: number): void, onStep(step: number): void, onLeave(): void }} handlers
   *   `onChoose`: go on with this token in the place of the one at this index
   */
  constructor({ onChoose, onStep, onLeave }) {
    this.#rows = Array.from({ length: N_ALTERNATIVES }, () => makeRow());
    this.#list.replaceChildren(...this.#rows.map(({ item }) => item));
    for (const [place, { button }] of this.#rows.entries()) {
      button.addEventListener('click', () => {
        const { tokenId } = this.#shown?.token.alternatives[place] ?? {};
        if (tokenId === undefined || button.getAttribute('aria-disabled') === 'true') return;
        this.#isHeld = false;
        onChoose(this.#shown.index, tokenId);
      });
    }
    for (const [event, isHeld] of Object.entries({
      pointermove: true,
      focusin: true,
      pointerleave: false,
      focusout: false,
    })) {
      this.#list.addEventListener(event, () => {
        this.#isHeld = isHeld;
      });
    }
    this.#list.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') onLeave();
      const place = this.#rows.findIndex(({ button }) => button === document.activeElement);
      const next = { ArrowUp: place - 1, ArrowDown: place + 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      this.#rows[next]?.button.focus();
    });
    document.querySelector('#choice-previous').addEventListener('click', () => onStep(-1));
    document.querySelector('#choice-next').addEventListener('click', () => onStep(1));
    this.clear();
  }

  /** @param {import('./token-texts.js').TokenTexts | null} texts null: the model is gone, and nothing can go on from here */
  setModel(info, texts) {
    this.#info = info;
    this.#texts = texts;
    if (this.#shown !== null) this.show(this.#shown.token, this.#shown.index, this.#shown.options);
  }

  /** Whether somebody is about to choose: then it does not change under the hand. */
  get isInUse() {
    return this.#isHeld;
  }

  clear() {
    this.#shown = null;
    this.#word.textContent = '–';
    this.#facts.textContent = 'With each word, what else it could have been stands here.';
    this.#note.textContent = '';
    for (const row of this.#rows) showNothing(row);
  }

  /**
   * @param {import('./story.js').Token} token
   * @param {number} index
   * @param {object} options the settings that it was chosen with
   */
  show(token, index, options) {
    this.#shown = { token, index, options };
    const { id, logprob, alternatives } = token;
    this.#word.textContent = this.wordOf(id, token.text);
    this.#facts.textContent = factsOf(token);
    const isKnown = this.#info !== null && decidesAlone(this.#info.generationDefaults);
    const allowed = isKnown ? allowedOf(alternatives, options, this.#info.vocabSize) : [];
    for (const [place, row] of this.#rows.entries()) {
      const alternative = alternatives[place];
      if (alternative === undefined) showNothing(row);
      else
        this.#showRow(row, alternative, {
          isChosen: alternative.tokenId === id,
          isOut: allowed[place] === false,
        });
    }
    const isOutside = !alternatives.some(({ tokenId }) => tokenId === id);
    this.#note.textContent = [
      this.#texts !== null && 'Press another: the story goes on from here with it.',
      isOutside && `Chosen from further down, at ${percentOf(logprob)}.`,
      allowed.includes(false) && 'Struck through: your settings leave these out.',
    ]
      .filter(Boolean)
      .join(' ');
    this.#texts?.ask([id, ...alternatives.map(({ tokenId }) => tokenId)], () => {
      if (this.#shown?.token === token) this.show(token, index, options);
    });
  }

  /** The token's text for showing alone: the space before a word goes, a line's end is a sign. */
  wordOf(id, text = '') {
    const word = this.#texts?.get(id) ?? text;
    return visible(word) || (this.#info?.eosTokenIds.includes(id) ? END : '…');
  }

  focus() {
    const chosen = this.#rows.find(({ button }) => button.getAttribute('aria-current') === 'true');
    (chosen ?? this.#rows[0]).button.focus();
  }

  #showRow({ button, word, share, remark }, { tokenId, logprob }, { isChosen, isOut }) {
    button.hidden = false;
    const name = this.wordOf(tokenId);
    const percent = percentOf(logprob);
    word.textContent = name;
    share.textContent = percent;
    button.style.setProperty('--share', Math.exp(logprob).toFixed(4));
    button.className = `alternative${isChosen ? ' is-chosen' : ''}${isOut ? ' is-out' : ''}`;
    button.setAttribute('aria-disabled', String(isChosen || this.#texts === null));
    if (isChosen) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
    remark.textContent = isChosen ? ', the chosen one' : isOut ? ', left out by your settings' : '';
  }
}

/** "the second likeliest, 12 %, a surprise: 1 in 8" */
export function factsOf(token) {
  const { logprob, alternatives, isGiven = false } = token;
  return `${isGiven ? 'your choice · ' : ''}${percentOf(logprob)} · ${rankWords(rankOf(token), alternatives.length)} · ${surpriseWords(logprob)}`;
}

const visible = (text) => text.trim() || text.replaceAll('\n', '↵').replaceAll(' ', '␣');

function makeRow() {
  const item = document.createElement('li');
  const button = Object.assign(document.createElement('button'), { type: 'button' });
  const [word, share, remark] = ['alternative-word', 'alternative-share', 'unseen'].map((className) =>
    Object.assign(document.createElement('span'), { className }),
  );
  button.append(word, ' ', share, remark);
  item.append(button);
  return { item, button, word, share, remark };
}

function showNothing({ button }) {
  button.hidden = true;
  button.setAttribute('aria-disabled', 'true');
}
