// The figures above the text or the chat: as they go, measured on the page; at the end, as the library measured them.

import { count, milliseconds, rate } from './format.js';

const UPDATE_MS = 100;
const NONE = '–';

export class Figures {
  #speed;
  #first;
  #tokens;
  #cached;
  #state;
  #startMs = 0;
  #firstMs = 0;
  #shownMs = 0;
  #count = 0;
  #nBefore = 0;
  /** The last speed that was shown, in tokens a second; 0 where none is known. */
  speed = 0;

  /** @param {string} name what the elements' ids begin with; the one for cached tokens may be missing */
  constructor(name = 'figure') {
    const find = (figure) => document.querySelector(`#${name}-${figure}`);
    this.#speed = find('speed');
    this.#first = find('first');
    this.#tokens = find('tokens');
    this.#cached = find('cached');
    this.#state = find('state');
  }

  /** Shows that nothing was measured yet. */
  clear() {
    for (const figure of [this.#speed, this.#first, this.#tokens, this.#cached, this.#state]) {
      if (figure !== null) figure.textContent = NONE;
    }
  }

  /** @param {number} [nBefore] tokens that are there already, and count */
  begin(nBefore = 0) {
    this.clear();
    this.speed = 0;
    this.#startMs = performance.now();
    this.#firstMs = 0;
    this.#shownMs = 0;
    this.#count = nBefore;
    this.#nBefore = nBefore;
    this.#tokens.textContent = count(nBefore);
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
    const nTimed = this.#count - this.#nBefore - 1;
    if (nTimed < 1) return;
    this.speed = (nTimed * 1000) / (now - this.#firstMs);
    this.#speed.textContent = rate(this.speed);
  }

  /**
   * Shows what the library measured.
   *
   * @param {import('../../web/index.ts').GenerationResult} result
   * @param {number} [readMs] what the prompt took before, where it was read by itself
   */
  measure(result, readMs = 0) {
    const { completionTokens, cachedTokens } = result.usage;
    const { tokensPerSecond, timeToFirstTokenMs } = result.timings;
    this.speed = tokensPerSecond;
    this.#tokens.textContent = count(completionTokens);
    this.#speed.textContent = tokensPerSecond > 0 ? rate(tokensPerSecond) : NONE;
    this.#first.textContent = completionTokens > 0 ? milliseconds(readMs + timeToFirstTokenMs) : NONE;
    if (this.#cached !== null) this.#cached.textContent = count(cachedTokens);
  }

  /**
   * The same, and that it is over.
   *
   * @returns {string} why it ended, in words
   */
  end(result, readMs) {
    this.measure(result, readMs);
    const reason = END_REASONS[result.finishReason];
    this.#state.textContent = reason;
    return reason;
  }

  fail() {
    this.#state.textContent = 'an error';
  }
}

/** Why a text ended, in words. */
export const END_REASONS = {
  'end-token': 'the end',
  'stop-string': 'your stop words came',
  'stop-pattern': 'stop words came',
  'max-time': 'the time is over',
  length: 'length reached',
  'context-full': 'memory is full',
  aborted: 'you stopped it',
};
