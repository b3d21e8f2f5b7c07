// The four figures above the text: as they go, measured on the page; at the end, as the library measured them.

import { count, milliseconds, rate } from './format.js';

const UPDATE_MS = 100;
const NONE = '–';

export class Figures {
  #speed = document.querySelector('#figure-speed');
  #first = document.querySelector('#figure-first');
  #tokens = document.querySelector('#figure-tokens');
  #state = document.querySelector('#figure-state');
  #startMs = 0;
  #firstMs = 0;
  #shownMs = 0;
  #count = 0;

  begin() {
    this.#startMs = performance.now();
    this.#firstMs = 0;
    this.#shownMs = 0;
    this.#count = 0;
    this.#speed.textContent = NONE;
    this.#first.textContent = NONE;
    this.#tokens.textContent = '0';
    this.#state.textContent = 'writing…';
  }

  /** @param {{ tokenIds: number[] }} piece */
  add(piece) {
    const now = performance.now();
    this.#count += piece.tokenIds.length;
    if (this.#firstMs === 0) {
      this.#firstMs = now;
      this.#first.textContent = milliseconds(now - this.#startMs);
    }
    if (now - this.#shownMs < UPDATE_MS) return;
    this.#shownMs = now;
    this.#tokens.textContent = count(this.#count);
    if (this.#count > 1) this.#speed.textContent = rate(((this.#count - 1) * 1000) / (now - this.#firstMs));
  }

  /**
   * @param {import('../web/index.ts').GenerationResult} result
   * @returns {string} why it ended, in words
   */
  end(result) {
    const { completionTokens } = result.usage;
    const { tokensPerSecond, timeToFirstTokenMs } = result.timings;
    this.#tokens.textContent = count(completionTokens);
    this.#speed.textContent = tokensPerSecond > 0 ? rate(tokensPerSecond) : NONE;
    this.#first.textContent = completionTokens > 0 ? milliseconds(timeToFirstTokenMs) : NONE;
    const reason = END_REASONS[result.finishReason];
    this.#state.textContent = reason;
    return reason;
  }

  fail() {
    this.#state.textContent = 'an error';
  }
}

const END_REASONS = {
  'end-token': 'the end',
  'stop-string': 'stop string',
  length: 'length reached',
  'context-full': 'context is full',
  aborted: 'you stopped it',
};
