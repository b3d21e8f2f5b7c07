// One of the two texts: its dials, what was written, and where it leaves the other.

import { button, make } from '../parts/elements.js';
import { END_REASONS } from '../parts/figures.js';
import { count, rate } from '../parts/format.js';
import { Slider } from '../parts/slider.js';
import { presetOf, presets } from './presets.js';

const PERCENT = 100;

export class Side {
  element;
  pieces = [];
  #text;
  #facts = make('p', { class: 'side-facts' }, '–');
  #summary = make('span');
  #chips;
  #daring;
  #among;
  #leaveOut;
  #showsIds = false;

  /** @param {{ id: string, title: string, preset: string }} given */
  constructor({ id, title, preset }) {
    const set = { class: 'side-text', role: 'group', 'aria-labelledby': `${id}-title`, tabindex: '0' };
    this.#text = make('div', set);
    const dial = (name, given) =>
      new Slider({ id: `${id}-${name}`, onChange: () => this.#showUse(), ...presetOf(preset), ...given });
    this.#daring = dial('daring', {
      label: 'How daring',
      hint: 'At 0 always the likeliest, and the two below do nothing.',
      min: 0,
      max: 2,
      step: 0.05,
      value: 0,
      words: (value) => value.toFixed(2),
    });
    this.#among = dial('among', {
      label: 'Choose among',
      min: 0,
      max: 100,
      step: 1,
      value: 0,
      words: (value) => (value === 0 ? 'all words' : `${count(value)} word${value === 1 ? '' : 's'}`),
    });
    this.#leaveOut = dial('leave-out', {
      label: 'Skip the unlikely',
      min: 0,
      max: 95,
      step: 1,
      value: 0,
      words: (value) => (value === 0 ? 'none' : `${value} %`),
    });
    this.#chips = presets.map(({ name, words }) =>
      button(words, 'chip', () => this.apply(presetOf(name)), { 'aria-pressed': 'false' }),
    );
    this.element = make(
      'section',
      { class: 'side', 'aria-labelledby': `${id}-title` },
      make('h3', { id: `${id}-title` }, title),
      make('div', { class: 'chips', role: 'group', 'aria-label': 'Settings to begin from' }, ...this.#chips),
      make(
        'details',
        { class: 'side-dials' },
        make('summary', {}, this.#summary),
        ...[this.#daring, this.#among, this.#leaveOut].map((dial) => dial.element),
      ),
      this.#facts,
      this.#text,
    );
    this.apply(presetOf(preset));
  }

  /** As options of generate(); at temperature 0 the others would do nothing, which is refused. */
  get options() {
    const temperature = this.#daring.value;
    if (temperature === 0) return { temperature };
    return { temperature, topK: this.#among.value, topP: (PERCENT - this.#leaveOut.value) / PERCENT };
  }

  apply({ temperature, topK, topP }) {
    if (temperature !== undefined) this.#daring.value = temperature;
    if (topK !== undefined) this.#among.value = topK;
    if (topP !== undefined) this.#leaveOut.value = Math.round((1 - topP) * PERCENT);
    this.#showUse();
  }

  /** Begins a new text. @param {boolean} showsIds the model has no text, only numbers */
  begin(showsIds) {
    this.pieces = [];
    this.#showsIds = showsIds;
    this.#text.classList.toggle('ids', showsIds);
    this.#text.replaceChildren();
    this.#text.setAttribute('aria-busy', 'true');
    this.#facts.textContent = '–';
  }

  /**
   * Shows the first so many pieces; those that both texts begin with are set apart.
   *
   * @param {number} shown
   * @param {number} common how many pieces both begin with
   */
  show(shown, common) {
    const wordsOf = (pieces) =>
      pieces.map(({ text, tokenIds }) => (this.#showsIds ? `${tokenIds.join(' ')} ` : text)).join('');
    const both = make('span', { class: 'both' }, wordsOf(this.pieces.slice(0, Math.min(shown, common))));
    this.#text.replaceChildren(both);
    if (shown > common) {
      const own = wordsOf(this.pieces.slice(common, shown));
      this.#text.append(make('span', { class: 'parting' }), own);
    }
    this.#text.scrollTop = this.#text.scrollHeight; // where the box is as high as it may be, it follows
  }

  /** @param {import('../../web/index.ts').GenerationResult} result */
  end({ usage, timings, finishReason }) {
    this.#text.setAttribute('aria-busy', 'false');
    const { completionTokens } = usage;
    const facts = [`${count(completionTokens)} token${completionTokens === 1 ? '' : 's'}`];
    if (timings.tokensPerSecond > 0) facts.push(rate(timings.tokensPerSecond));
    facts.push(END_REASONS[finishReason]);
    this.#facts.textContent = facts.join(' · ');
  }

  /** Nothing more comes. */
  rest() {
    this.#text.setAttribute('aria-busy', 'false');
    this.#text.scrollTop = 0;
  }

  #showUse() {
    const { temperature, topK, topP } = this.options;
    this.#among.isUnused = temperature === 0;
    this.#leaveOut.isUnused = temperature === 0;
    this.#summary.textContent = temperature === 0 ? 'Always the likeliest word' : drawWords(this.options);
    for (const [i, preset] of presets.entries()) {
      const isIt =
        preset.temperature === temperature &&
        (temperature === 0 || (preset.topK === topK && preset.topP === topP));
      this.#chips[i].setAttribute('aria-pressed', String(isIt));
    }
  }
}

function drawWords({ temperature, topK, topP }) {
  const among = topK === 0 ? 'among all words' : `among ${count(topK)}`;
  const without = topP === 1 ? '' : `, without the last ${Math.round((1 - topP) * PERCENT)} %`;
  return `Daring ${temperature.toFixed(2)}, ${among}${without}`;
}
