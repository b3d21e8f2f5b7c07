// What sessions are compared with: the same token ids, run from the first one on through a session of their own.

import assert from 'node:assert/strict';
import { countHeads } from '../../build/web/architectures/decoder-config.js';
import { uniformRandom } from '../kernels/data.mjs';

/** Random numbers that a seed repeats. */
export class Random {
  constructor(seed) {
    /** From 0 to below 1. */
    this.next = uniformRandom(seed);
  }

  /** A whole number from `least` to `most`. */
  integer(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick(list) {
    return list[this.integer(0, list.length - 1)];
  }

  /** One of the names, each as often as its weight says. */
  weighted(weights) {
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    let left = this.next() * total;
    for (const [name, weight] of Object.entries(weights)) {
      left -= weight;
      if (left < 0) return name;
    }
    return Object.keys(weights)[0];
  }

  ids(count, vocabSize) {
    return Array.from({ length: count }, () => this.integer(0, vocabSize - 1));
  }

  /** How many tokens to give behind `length`: mostly few, or just about to the border of a page; `most` at most. */
  count(length, most) {
    const toBorder = 32 - (length % 32);
    const wanted = this.pick([1, 2, 3, this.integer(1, 12), toBorder - 1, toBorder, toBorder + 1, 33, most]);
    return Math.max(1, Math.min(wanted, most));
  }
}

/** Results kept at most, so that memory stays small. */
const MOST_KEPT = 400;

/** Computes from scratch what a session with some tokens must give, and keeps it for the next time. */
export class Reference {
  #engine;
  #model;
  #kept = new Map();

  constructor({ engine, model }) {
    this.#engine = engine;
    this.#model = model;
  }

  get config() {
    return this.#model.config;
  }

  /** What follows the last token: [vocabSize]. */
  logits(tokens) {
    return this.#keep('logits', tokens, (session) => session.logits().slice());
  }

  /** Keys and values of every layer; null of those that have none. */
  kv(tokens) {
    return this.#keep('kv', tokens, (session) =>
      this.config.layers.map((kind, layer) => {
        const { mixer } = this.config.kinds[kind];
        if (mixer.type !== 'attention') return null;
        const { nKvHeads, headDim, window } = mixer;
        return { ...session.readKv(layer), shape: { nKvHeads, headDim, window, length: tokens.length } };
      }),
    );
  }

  /** Both taps of the last tokens, as many as one pass takes. */
  taps(tokens) {
    const { maxChunk } = this.#engine;
    return this.#keep('taps', tokens, (session) => {
      session.truncate(Math.max(0, tokens.length - maxChunk));
      session.tap(['hidden', 'attention']);
      session.append(tokens.slice(-maxChunk));
      const { rows, hidden, attention } = session.taps();
      return { rows, hidden: hidden.slice(), attention: attention.slice() };
    });
  }

  /** The answer behind some tokens, with why it ends. */
  generate(tokens, { maxNewTokens, endTokens, ...options }) {
    const sampler = this.#engine.createSampler({ ...options, endTokens });
    const session = this.#model.createSession();
    session.append(tokens);
    sampler.begin(tokens);
    const room = this.config.contextLength - tokens.length;
    const tokenIds = [];
    let finishReason = null;
    while (finishReason === null) {
      const id = sampler.sample(session);
      tokenIds.push(id);
      if (endTokens.includes(id)) finishReason = 'end-token';
      else if (tokenIds.length === maxNewTokens) finishReason = 'length';
      else if (tokenIds.length === room) finishReason = 'context-full';
      else session.step(id);
    }
    sampler.dispose();
    session.dispose();
    return { tokenIds, finishReason };
  }

  #keep(what, tokens, read) {
    const key = `${what} ${tokens.join()}`;
    if (this.#kept.has(key)) return this.#kept.get(key);
    const session = this.#model.createSession();
    session.append(tokens);
    const result = read(session);
    session.dispose();
    if (this.#kept.size === MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, result);
    return result;
  }
}

/** Says that two arrays of floats hold the same bits. */
export function assertSameBits(actual, expected, what) {
  const bytes = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);
  if (Buffer.compare(bytes(actual), bytes(expected)) === 0) return;
  assert.equal(actual.length, expected.length, `${what}: length`);
  const index = actual.findIndex((value, i) => !Object.is(value, expected[i]));
  assert.fail(`${what}: ${actual[index]} at ${index} of ${actual.length}, not ${expected[index]}`);
}

/** Compares what both hold: windows may have given up more in one of them, but nothing that a later token sees. */
export function assertSameKeysValues(actual, expected, what) {
  const { nKvHeads, headDim, window, length } = expected.shape;
  const firstSeen = window === 0 ? 0 : Math.max(0, length - window + 1);
  const first = Math.max(actual.firstPosition, expected.firstPosition);
  assert.ok(first <= firstSeen, `${what}: ${first} is the first position, and ${firstSeen} is seen`);
  for (const name of ['keys', 'values']) {
    for (let head = 0; head < nKvHeads; head++) {
      const [found, wanted] = [actual, expected].map((both) => {
        const end = (head + 1) * (length - both.firstPosition) * headDim;
        return both[name].subarray(end - (length - first) * headDim, end);
      });
      assertSameBits(found, wanted, `${name} of head ${head} of ${what}`);
    }
  }
}

/** The taps of the last `rows` tokens out of those of more. */
export function lastRows(taps, { rows, length, config }) {
  const { layers, hiddenSize } = config;
  const part = (values, planes, columns) => {
    const result = new Float32Array(planes * rows * columns);
    for (let plane = 0; plane < planes; plane++) {
      const end = (plane + 1) * taps.rows * columns;
      result.set(values.subarray(end - rows * columns, end), plane * rows * columns);
    }
    return result;
  };
  return {
    hidden: part(taps.hidden, layers.length + 1, hiddenSize),
    attention: part(taps.attention, countHeads(config), length),
  };
}
