// What the tour shows, for real: the visitor's beginning, read and continued token by token, with times measured here.

import { chancesOf, leftAfter } from './chances.js';

export class Round {
  /** What was read so far, as token ids. */
  tokenIds;
  /** How long the beginning took to be read, in milliseconds. */
  readMs = 0;
  /** The tokens that were chosen: { id, chance, readMs }, `readMs` null until it is read. */
  chosen = [];
  model;
  #session;
  #words = new Map();
  #candidates = null;
  #reading = null;

  /** @param {import('../../web/index.ts').LanguageModel} model @param {string | number[]} prompt */
  static async of(model, prompt) {
    const round = new Round();
    round.model = model;
    round.tokenIds = typeof prompt === 'string' ? [...(await model.encode(prompt))] : prompt;
    round.#session = await model.createSession();
    return round;
  }

  /** Reads the beginning, once. */
  async read() {
    this.#reading ??= this.#read();
    await this.#reading;
  }

  async #read() {
    await this.#waitForTurn();
    this.readMs = await this.#timed(() => this.#session.append(this.tokenIds));
  }

  /** How many numbers the first layer keeps of each token; null for layers that keep something else. */
  async keptPerToken() {
    if (this.model.info.headDim === null) return null;
    const { keys, values } = await this.#session.kv(0);
    return (keys.length + values.length) / this.#session.length;
  }

  /** @returns {Promise<import('./chances.js').Candidate[]>} of what comes next, the likeliest first */
  async candidates() {
    this.#candidates ??= chancesOf(await this.#session.logits());
    return this.#candidates;
  }

  /** What is left of the candidates with these settings. */
  async left(settings) {
    return leftAfter(await this.candidates(), settings);
  }

  /** Chooses what comes next, as generate() does with these settings; nothing is added yet. */
  async choose(settings, seed) {
    const branch = await this.#session.fork();
    try {
      const given = settings.temperature === 0 ? { temperature: 0 } : { ...settings, seed };
      const { tokenIds } = await branch.generate({ ...given, maxNewTokens: 1 }).result;
      const [id] = tokenIds;
      const left = await this.left(settings);
      return { id, chance: left.find((each) => each.id === id)?.chance ?? 0 };
    } finally {
      await branch.dispose();
    }
  }

  /** Adds a chosen token: the model reads it alone, the rest is kept. */
  async add(choice) {
    const readMs = await this.#timed(() => this.#session.append([choice.id]));
    this.#candidates = null;
    this.chosen.push({ ...choice, readMs });
  }

  isEnd(id) {
    return this.model.info.eosTokenIds.includes(id);
  }

  /** The words of one token. */
  async wordOf(id) {
    if (!this.#words.has(id)) this.#words.set(id, await this.#ask(id));
    return this.#words.get(id);
  }

  async dispose() {
    await this.#session.dispose().catch(() => {}); // it goes with its model
  }

  /** The model does one thing at a time; only the reading itself is to be measured. */
  async #waitForTurn() {
    const other = await this.#session.fork();
    await other.append(this.tokenIds.slice(0, 1));
    await other.dispose();
  }

  async #ask(id) {
    return this.model.info.hasTokenizer ? this.model.decode([id]) : String(id);
  }

  async #timed(act) {
    const began = performance.now();
    await act();
    return performance.now() - began;
  }
}
