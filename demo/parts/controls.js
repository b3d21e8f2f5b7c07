// The sampling controls: what stands in them, as options of generate().

const MAX_SLIDER_TOKENS = 1024;
const MAX_NEW_SEED = 1_000_000;

export class Controls {
  #temperature = new Dial('temperature', (value) => value.toFixed(2));
  #topK = new Dial('top-k', (value) =>
    value === 0 ? 'all words' : `${value} word${value === 1 ? '' : 's'}`,
  );
  #topP = new Dial('top-p', (value) => (value === 1 ? 'none' : `${Math.round((1 - value) * 100)} %`));
  #maxNewTokens = new Dial('max-new-tokens', (value) => `${value} token${value === 1 ? '' : 's'}`);
  #seed = document.querySelector('#seed');
  #isSeedNew = document.querySelector('#new-seed');
  #stop = document.querySelector('#stop-string');
  #info = null;
  /** The model's own, as the dials hold them. */
  #own = {};

  constructor() {
    this.#temperature.onChange = () => this.#showUse();
    this.#seed.addEventListener('input', () => {
      this.#isSeedNew.checked = this.#seed.value.trim() === '';
    });
    document.querySelector('#reset').addEventListener('click', () => this.#reset());
    this.#seed.value = newSeed();
    this.#showUse();
  }

  /** @param {import('../../web/index.ts').ModelInfo} info */
  setModel(info) {
    this.#info = info;
    this.#maxNewTokens.setMax(Math.min(info.contextLength - 1, MAX_SLIDER_TOKENS));
    this.#stop.disabled = !info.hasTokenizer;
    this.#reset();
  }

  /**
   * Takes a new seed where that is wanted, and shows it: with it the text can be had again.
   *
   * @param {{ seed?: number | null }} [options] `seed`: this one for once, instead of a new one
   */
  read({ seed = null } = {}) {
    if (this.#isSeedNew.checked) this.#seed.value = seed ?? newSeed();
    return this.options;
  }

  /** What stands in the controls, the seed of the latest text included. */
  get options() {
    const temperature = this.#temperature.value;
    const stop = this.#stop.value.replaceAll('\\n', '\n');
    return {
      maxNewTokens: this.#maxNewTokens.value,
      temperature,
      // At temperature 0 they would do nothing, which is refused.
      ...(temperature > 0 && { topK: this.#topK.value, topP: this.#topP.value }),
      seed: Number(this.#seed.value),
      ...(stop !== '' && !this.#stop.disabled && { stop }),
    };
  }

  /** Those of `options` that are not the model's own; the seed is none of a model's. */
  get changed() {
    return Object.fromEntries(
      Object.entries(this.options).filter(([name, value]) => name !== 'seed' && value !== this.#own[name]),
    );
  }

  /** Sets options of generate(), as `options` has them: the model's own where nothing is given, and a seed that stays. */
  apply({ temperature, topK, topP, maxNewTokens, seed, stop = '' }) {
    this.#reset();
    if (temperature !== undefined) this.#temperature.value = temperature;
    if (topK !== undefined) this.#topK.value = topK;
    if (topP !== undefined) this.#topP.value = topP;
    if (maxNewTokens !== undefined) this.#maxNewTokens.value = maxNewTokens;
    this.#stop.value = stop.replaceAll('\n', '\\n');
    if (seed !== undefined) {
      this.#seed.value = seed;
      this.#isSeedNew.checked = false;
    }
    this.#showUse();
  }

  #reset() {
    if (this.#info === null) return;
    const { temperature, topK, topP, maxNewTokens } = this.#info.generationDefaults;
    this.#temperature.value = temperature;
    this.#topK.value = topK;
    this.#topP.value = topP;
    this.#maxNewTokens.value = maxNewTokens;
    this.#own = this.options;
    this.#showUse();
  }

  /** At temperature 0 nothing is left to chance. */
  #showUse() {
    const isGreedy = this.#temperature.value === 0;
    for (const input of [this.#topK.input, this.#topP.input, this.#seed]) {
      input.closest('.dial').classList.toggle('is-unused', isGreedy);
    }
  }
}

/** A slider, its value in words, and the mark where its thumb stands. */
class Dial {
  input;
  onChange = () => {};
  #output;
  #words;

  constructor(id, words) {
    this.input = document.querySelector(`#${id}`);
    this.#output = document.querySelector(`#${id}-value`);
    this.#words = words;
    this.input.addEventListener('input', () => this.#show());
    this.#show();
  }

  get value() {
    return this.input.valueAsNumber;
  }

  set value(value) {
    // A model's own value may lie beyond the slider's end or between its steps.
    if (value > Number(this.input.max))
      this.input.max = this.input.id === 'max-new-tokens' ? this.input.max : value;
    this.input.value = value;
    this.#show();
  }

  setMax(max) {
    this.input.max = max;
    this.#show();
  }

  #show() {
    const { min, max, valueAsNumber } = this.input;
    this.#output.textContent = this.#words(valueAsNumber);
    this.input.setAttribute('aria-valuetext', this.#output.textContent);
    this.input.style.setProperty('--at', `${((valueAsNumber - min) / (max - min || 1)) * 100}%`);
    this.onChange();
  }
}

function newSeed() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0] % MAX_NEW_SEED);
}
