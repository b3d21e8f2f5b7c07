// "What it looked at": the switch, the choice of layer and head, and in words where most of the attention went.

import { attentionAt } from './attention.js';

const N_NAMED = 4;

export class AttentionView {
  #toggle = document.querySelector('#attention-toggle');
  #layer = document.querySelector('#attention-layer');
  #head = document.querySelector('#attention-head');
  #words = document.querySelector('#attention-words');
  #onShade;
  #isOn = false;
  #info = null;
  #texts = null;
  /** The token that it is about: { session, position }, or null. */
  #subject = null;
  #attention = null;
  #tokenTexts = [];
  #turn = 0;

  /**
   * @param {(shading: { promptTexts: string[], weights: number[] } | null) => void} onShade
   * @param {() => void} onSwitch it was switched on, and wants to know what it is about
   */
  constructor(onShade, onSwitch) {
    this.#onShade = onShade;
    this.#toggle.addEventListener('click', () => {
      this.#switch(!this.#isOn);
      if (this.#isOn) onSwitch();
    });
    for (const select of [this.#layer, this.#head]) select.addEventListener('change', () => this.#show());
    this.#switch(false);
  }

  get isOn() {
    return this.#isOn;
  }

  /** @param {import('./token-texts.js').TokenTexts} texts */
  setModel(info, texts) {
    this.#info = info;
    this.#texts = texts;
    fill(this.#layer, 'all layers together', 'layer', info.nLayers);
    fill(this.#head, 'all heads together', 'head', info.nHeads ?? 0);
    this.clear();
  }

  /** There is nothing to look at. */
  clear() {
    this.#turn++;
    this.#subject = null;
    this.#attention = null;
    this.#onShade(null);
    this.#say(this.#isOn ? 'Choose a word of the text.' : '');
  }

  /** The text is still being written, and its session is not to be asked. */
  wait() {
    this.clear();
    if (this.#isOn) this.#say('It is shown when the text has been written.');
  }

  /**
   * @param {{ session: import('../../web/index.ts').Session, position: number, promptLength: number }} subject which token of
   *   which text
   */
  async look(subject) {
    if (!this.#isOn) return;
    const turn = ++this.#turn;
    try {
      const [attention, ids] = await Promise.all([
        attentionAt(subject.session, subject.position),
        subject.session.tokens(),
      ]);
      const texts = await this.#texts.all(ids.subarray(0, subject.position + 1));
      if (turn !== this.#turn) return;
      this.#subject = subject;
      this.#attention = attention;
      this.#tokenTexts = texts;
      this.#show();
    } catch (error) {
      // A text that was replaced meanwhile has no session any more.
      if (turn === this.#turn && error.code !== 'disposed') throw error;
    }
  }

  #switch(isOn) {
    this.#isOn = isOn;
    this.#toggle.setAttribute('aria-pressed', String(isOn));
    for (const select of [this.#layer, this.#head]) select.disabled = !isOn;
    if (!isOn) this.clear();
  }

  #show() {
    if (this.#attention === null) return;
    const { nPlanes } = this.#attention;
    const { nLayers, nHeads } = this.#info;
    const isUniform = nPlanes === nLayers * nHeads;
    for (const select of [this.#layer, this.#head]) select.disabled = !isUniform;
    if (nPlanes === 0) {
      this.#onShade(null);
      return this.#say('This model keeps its past in another way than attention: there is nothing to show.');
    }
    const layer = isUniform ? Number(this.#layer.value) : -1;
    const head = isUniform ? Number(this.#head.value) : -1;
    const weights = this.#attention.mean(
      (plane) => (layer < 0 || Math.floor(plane / nHeads) === layer) && (head < 0 || plane % nHeads === head),
    );
    this.#onShade({
      promptTexts: this.#tokenTexts.slice(0, this.#subject.promptLength),
      weights: scaled(weights),
    });
    this.#say(this.#wordsFor(weights));
  }

  #wordsFor(weights) {
    const [first, ...rest] = weights;
    const own = weights.length - 1;
    const named = rest
      .map((weight, at) => ({ weight, at: at + 1 }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, N_NAMED)
      .map(({ weight, at }) => `${at === own ? 'itself' : quoted(this.#tokenTexts[at])} ${percent(weight)}`);
    return [
      `Reading this word, to find the next one, it looked most at ${named.join(', ')}.`,
      `The very first token took ${percent(first)}: models often rest there, and the shading leaves it out.`,
    ].join(' ');
  }

  #say(words) {
    this.#words.textContent = words;
  }
}

/** From 0 to 1, the largest but the first being 1; the first token is left out, as it often takes most. */
export function scaled(weights) {
  const largest = Math.max(...weights.slice(1), Number.MIN_VALUE);
  return weights.map((weight, at) => (at === 0 ? 0 : weight / largest));
}

const percent = (weight) => `${(weight * 100).toFixed(weight < 0.1 ? 1 : 0)} %`;
const quoted = (text) => `“${text.trim() || text.replaceAll('\n', '↵').replaceAll(' ', '␣')}”`;

function fill(select, all, one, n) {
  const options = [new Option(all, -1)];
  for (let index = 0; index < n; index++) options.push(new Option(`${one} ${index + 1} of ${n}`, index));
  select.replaceChildren(...options);
}
