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

  begin() {
    this.clear();
    this.#startMs = performance.now();
    this.#firstMs = 0;
    this.#shownMs = 0;
    this.#count = 0;
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
   * @param {import('../../web/index.ts').GenerationResult} result
   * @returns {string} why it ended, in words
   */
  end(result) {
    const { completionTokens, cachedTokens } = result.usage;
    const { tokensPerSecond, timeToFirstTokenMs } = result.timings;
    this.#tokens.textContent = count(completionTokens);
    this.#speed.textContent = tokensPerSecond > 0 ? rate(tokensPerSecond) : NONE;
    this.#first.textContent = completionTokens > 0 ? milliseconds(timeToFirstTokenMs) : NONE;
    if (this.#cached !== null) this.#cached.textContent = count(cachedTokens);
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
