// The sheet: staff, text and panel, which show the same tokens. One of them is selected, or else the newest is followed.

import { ChoicePanel, factsOf } from './choice-panel.js';
import { CopyButton } from './copy-button.js';
import { Staff } from './staff.js';
import { TextView } from './text-view.js';

/** How often the panel follows, in milliseconds: faster than that nobody reads. */
const FOLLOW_MS = 100;

export class Sheet {
  #sheet = document.querySelector('#sheet');
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #announce;
  #onSelect;
  #onBeyond;
  #text;
  #staff;
  #panel;
  #copy;
  #tokens = [];
  #options = null;
  /** The index of the token that was selected; null: the newest is followed. */
  #selected = null;
  #followedMs = 0;

  /**
   * @param {{ announce(message: string): void, onChoose(index: number, tokenId: number): void,
   *   onSelect(index: number): void, onBeyond(): boolean }} handlers `onChoose`: go on with another token at this index;
   *   `onBeyond`: a step past the newest token was asked for; gives whether there will be one
   */
  constructor({ announce, onChoose, onSelect, onBeyond }) {
    bringStyle('choice');
    this.#announce = announce;
    this.#onSelect = onSelect;
    this.#onBeyond = onBeyond;
    const onHover = (index) => this.#text.hover(index);
    this.#text = new TextView({
      onSelect: (index) => this.select(index),
      onHover: (index) => this.#staff.hover(index),
      onMove: (step) => this.#move(step),
      onOpen: () => this.#tokens.length > 0 && this.#panel.focus(),
    });
    this.#staff = new Staff(document.querySelector('#staff'), {
      onSelect: (index) => this.select(index),
      onHover,
    });
    this.#panel = new ChoicePanel({
      onChoose,
      onStep: (step) => this.#move(step),
      onLeave: () => this.#text.focus(),
    });
    this.#copy = new CopyButton(announce);
    document.querySelector('#choice-close').addEventListener('click', () => {
      this.#sheet.classList.remove('has-selection');
      this.#text.focus();
    });
  }

  /** @param {import('./token-texts.js').TokenTexts | null} texts null: what stands here cannot be gone on with any more */
  setModel(info, texts) {
    this.#panel.setModel(info, texts);
  }

  set isBusy(isBusy) {
    this.#text.isBusy = isBusy;
  }

  /** The index of the token that the panel shows; null where there is none. */
  get index() {
    return this.#tokens.length === 0 ? null : (this.#selected ?? this.#tokens.length - 1);
  }

  /** Begins a new text. */
  begin(prompt, options) {
    this.#text.begin(prompt);
    this.#copy.enable();
    this.show([], options);
  }

  /** Shows a text as it stands, and follows what comes. */
  show(tokens, options) {
    this.#tokens = tokens;
    this.#options = options;
    this.#selected = null;
    this.#text.clear();
    this.#text.add(tokens);
    this.#staff.show(tokens);
    if (tokens.length === 0) this.#panel.clear();
    else this.#follow();
  }

  /** Shows the tokens from an index on, which have come. */
  add(tokens, from, { isFresh }) {
    this.#tokens = tokens;
    this.#text.add(tokens.slice(from), isFresh && !this.#still.matches);
    this.#staff.add(tokens, from);
    const now = performance.now();
    if (this.#selected !== null || (!isFresh && now - this.#followedMs < FOLLOW_MS) || this.#panel.isInUse)
      return;
    this.#followedMs = now;
    this.#follow();
  }

  /** Nothing more comes: the newest is shown where none was selected. */
  end() {
    if (this.#selected === null && this.#tokens.length > 0 && !this.#panel.isInUse) this.#follow();
  }

  select(index) {
    this.#selected = index;
    this.#showToken(index);
    this.dock();
    this.say();
    this.#onSelect(index);
  }

  /** Where there is no room beside the text, the panel comes to the bottom of the window, and the token stays in sight. */
  dock() {
    this.#sheet.classList.add('has-selection');
    this.#text.reveal();
  }

  /** Tells screen readers which token is shown, and how it came. */
  say() {
    const token = this.#tokens[this.index];
    this.#announce(`“${this.wordOf(token)}”: ${factsOf(token)}.`);
  }

  shade(shading) {
    this.#text.shade(shading);
  }

  /** A token as a word, to be shown alone. */
  wordOf({ id, text }) {
    return this.#panel.wordOf(id, text);
  }

  /** Once, at the beginning: the page does not follow the text. */
  bringIntoView() {
    const { top } = this.#sheet.getBoundingClientRect();
    if (top >= 0 && top < window.innerHeight / 2) return;
    this.#sheet.scrollIntoView({ behavior: this.#still.matches ? 'auto' : 'smooth' });
  }

  #move(step) {
    const last = this.#tokens.length - 1;
    if (last < 0) return;
    const index = (this.#selected ?? last) + step;
    // What comes then is followed.
    if (index === last + 1 && this.#onBeyond()) return;
    this.select(Math.min(last, Math.max(0, index)));
  }

  /** Back to the newest, which is followed from now on. */
  follow() {
    this.#selected = null;
  }

  #follow() {
    this.#sheet.classList.remove('has-selection');
    this.#showToken(this.#tokens.length - 1);
  }

  #showToken(index) {
    this.#panel.show(this.#tokens[index], index, this.#options);
    this.#text.select(index);
    this.#staff.select(index);
  }
}

/** A style sheet that the first paint did without. */
function bringStyle(name) {
  const href = new URL(`../style/${name}.css`, import.meta.url);
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
}
