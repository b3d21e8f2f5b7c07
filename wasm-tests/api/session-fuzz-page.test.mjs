// Operations on sessions of the page in random order, several at once, against lists of token ids; other generations with
// the prefix cache in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { loadIntoEngine } from './engine-support.mjs';
import { assertSameBits, assertSameKeysValues, lastRows, Random, Reference } from './session-reference.mjs';
import { aborted, familyWithRoom, fixturePath, load, sottoError } from './support.mjs';

const WEIGHTS = {
  append: 5,
  truncate: 3,
  fork: 2,
  dispose: 2,
  restore: 2,
  tokens: 1,
  logits: 3,
  kv: 2,
  tap: 1,
  generate: 3,
  abort: 2,
  prompt: 3,
};
const MOST_SESSIONS = 5;
const PREFIX_CACHE = 100_000; // bytes

for (const name of ['odd-60', 'odd-42', 'odd-8']) {
  for (const weights of ['f32', 'q8']) {
    test(`${name}, ${weights}: 250 random operations`, async (t) => {
      const prefixCache = weights === 'f32' ? PREFIX_CACHE : 0;
      const model = await load(t, fixturePath(name), { weights, prefixCache });
      await fuzz(t, name, { weights, model, prefixCache }, 250);
    });
  }
}

for (const name of ['lfm2-tied', 'gemma3_text-tied', 'phi3-longrope-long']) {
  test(`${name}: 250 random operations`, async (t) => {
    const files = familyWithRoom(name);
    const model = await load(t, files, { weights: 'q8', prefixCache: 10 * PREFIX_CACHE });
    await fuzz(t, files, { weights: 'q8', model, prefixCache: Number.POSITIVE_INFINITY }, 250);
  });
}

test('250 random operations while memory is short: what fails changes nothing', async (t) => {
  const path = fixturePath('odd-60');
  const first = await LanguageModel.load(path);
  const { peakBytes } = await first.memory();
  await first.dispose();
  const model = await load(t, path, { memoryLimit: peakBytes, prefixCache: PREFIX_CACHE });
  while (peakBytes - (await model.memory()).bytesInUse > 7 * pageBytes(model.info)) {
    await (await model.createSession()).append(new Array(32).fill(1));
  }
  const nFailed = await fuzz(t, 'odd-60', { model, weights: 'f32', prefixCache: PREFIX_CACHE }, 250);
  assert.ok(nFailed > 5 && nFailed < 150, `${nFailed} failed`);
});

/** Returns how many operations failed for want of memory. */
async function fuzz(t, name, { model, weights, prefixCache }, nOperations) {
  const reference = new Reference(await loadIntoEngine(t, name, { weights }));
  await (await model.createSession()).save(); // what the model computes once for all
  const before = await model.memory();
  const seed = 3;
  const fuzzer = new PageFuzzer({ model, reference, random: new Random(seed) });
  await fuzzer.begin();
  for (let i = 0; i < nOperations; i++) {
    const operation = fuzzer.random.weighted(WEIGHTS);
    try {
      await fuzzer.run(operation);
    } catch (error) {
      error.message += ` [seed ${seed}, operation ${i}: ${operation}]`;
      throw error;
    }
  }
  await fuzzer.disposeAll();
  const { kvPages, bytesInUse } = await model.memory();
  if (prefixCache > 0) assert.ok((kvPages - before.kvPages) * pageBytes(model.info) <= prefixCache);
  else assert.deepEqual([kvPages, bytesInUse], [before.kvPages, before.bytesInUse]);
  return fuzzer.nFailed;
}

/** Of keys and values in f32. */
function pageBytes({ nLayers, nKvHeads, headDim }) {
  return nLayers * nKvHeads * 2 * 32 * headDim * 4;
}

/** Sessions beside the tokens that they should hold, and the operations on them. */
class PageFuzzer {
  nFailed = 0;
  #sessions = []; // { session, tokens, taps: names, tapped: { tokens, rows } }

  constructor({ model, reference, random }) {
    Object.assign(this, { model, reference, random });
    this.contextLength = model.info.contextLength;
  }

  async begin() {
    this.#add(await this.model.createSession(), []);
  }

  async run(name) {
    const one = this.random.pick(this.#sessions);
    const isDone = await this.#attempt(() => this.#operations[name](one));
    assert.equal(one.session.length, one.tokens.length);
    // What failed is looked at in full, else the operations themselves look.
    if (!isDone) assert.deepEqual([...(await one.session.tokens())], one.tokens);
  }

  async disposeAll() {
    for (const one of this.#sessions) {
      assert.deepEqual([...(await one.session.tokens())], one.tokens);
      await one.session.dispose();
    }
  }

  #operations = {
    append: async (one) => {
      const room = this.contextLength - one.tokens.length;
      if (room === 0) return;
      const count = this.random.count(one.tokens.length, room);
      const ids = this.random.ids(count, this.model.info.vocabSize);
      await one.session.append(ids);
      one.tokens = [...one.tokens, ...ids];
      this.#tapped(one, ids.length);
      await this.#checkTaps(one);
    },
    truncate: async (one) => {
      const length = this.random.integer(Math.max(0, one.tokens.length - 40), one.tokens.length);
      await one.session.truncate(length);
      one.tokens = one.tokens.slice(0, length);
    },
    fork: async (one) => this.#add(await one.session.fork(), one.tokens),
    dispose: async (one) => {
      if (this.#sessions.length === 1) await this.begin();
      this.#sessions = this.#sessions.filter((other) => other !== one);
      await one.session.dispose();
    },
    restore: async (one) => {
      // What comes after save() in the queue is not in the bytes.
      const [saved, cut] = await Promise.allSettled([one.session.save(), one.session.truncate(0)]);
      const tokens = one.tokens;
      if (cut.status === 'fulfilled') one.tokens = [];
      for (const { status, reason } of [saved, cut]) if (status === 'rejected') throw reason;
      this.#add(await this.model.restoreSession(saved.value), tokens);
    },
    tokens: async (one) => assert.deepEqual([...(await one.session.tokens())], one.tokens),
    logits: async (one) => {
      if (one.tokens.length === 0) return;
      assertSameBits(await one.session.logits(), this.reference.logits(one.tokens), 'logits');
    },
    kv: async (one) => {
      if (one.tokens.length === 0) return;
      const layer = this.random.integer(0, this.model.info.nLayers - 1);
      const expected = this.reference.kv(one.tokens)[layer];
      if (expected === null) {
        await assert.rejects(one.session.kv(layer), sottoError('bad-option', /layer \d+ has no keys/));
      } else {
        assertSameKeysValues(await one.session.kv(layer), expected, `layer ${layer}`);
      }
    },
    tap: async (one) => {
      one.taps = this.random.pick([[], ['hidden'], ['attention'], ['hidden', 'attention']]);
      one.tapped = null;
      await one.session.tap(one.taps);
    },
    generate: async (one) => {
      if (one.tokens.length === 0 || one.tokens.length === this.contextLength) return;
      const options = this.#options();
      const expected = this.#expected(one.tokens, options);
      const { tokenIds, finishReason } = await one.session.generate(options).result;
      one.tokens = [...one.tokens, ...tokenIds];
      this.#tapped(one, 1);
      assert.deepEqual({ tokenIds, finishReason }, expected);
      await this.#checkTaps(one);
    },
    abort: async (one) => {
      if (one.tokens.length === 0 || one.tokens.length === this.contextLength) return;
      const options = { ...this.#options(), maxNewTokens: 30 };
      const expected = this.#expected(one.tokens, options);
      let left = this.random.integer(0, 5);
      const onToken = () => left-- === 0 && generation.abort();
      const generation = one.session.generate({ ...options, onToken });
      if (this.random.next() < 0.2) setTimeout(() => generation.abort(), 0);
      const ended = await generation.result.catch((error) => error);
      if (ended.code === 'out-of-memory') throw ended;
      const { tokenIds } = ended.tokenIds ? ended : await aborted(generation);
      assert.deepEqual(tokenIds, expected.tokenIds.slice(0, tokenIds.length));
      one.tokens = [...one.tokens, ...tokenIds];
      if (tokenIds.length > 0) this.#tapped(one, 1);
      await this.#checkTaps(one);
    },
    prompt: async (one) => {
      // Beside the sessions, and beginning like one of them.
      const { vocabSize } = this.model.info;
      const common = one.tokens.slice(0, this.random.integer(0, Math.min(one.tokens.length, 40)));
      const prompts = [0, 1]
        .map((n) => [...common, ...this.random.ids(1 + 3 * n, vocabSize)])
        .slice(this.random.integer(0, 1));
      const fitting = prompts.filter(({ length }) => length < this.contextLength);
      const options = this.#options();
      const results = this.model.generateBatch(fitting, options).map(({ result }) => result);
      for (const [i, { status, value, reason }] of (await Promise.allSettled(results)).entries()) {
        if (status === 'rejected') throw reason;
        const { tokenIds, finishReason } = value;
        assert.deepEqual({ tokenIds, finishReason }, this.#expected(fitting[i], options));
      }
    },
  };

  #options() {
    const { random } = this;
    const maxNewTokens = random.integer(1, 6);
    const lookup = random.next() < 0.3 ? { promptLookup: {} } : {};
    if (random.next() < 0.4) return { maxNewTokens, temperature: 0, ...lookup };
    const penalty = random.next() < 0.5 ? { repetitionPenalty: 1.3 } : {};
    return {
      maxNewTokens,
      temperature: 0.8,
      topK: 40,
      topP: 0.95,
      seed: random.integer(0, 1000),
      ...penalty,
    };
  }

  #expected(tokens, options) {
    const { promptLookup: _, ...sampling } = options; // changes no token
    return this.reference.generate(tokens, { ...sampling, endTokens: this.model.info.eosTokenIds });
  }

  /** Returns whether it was done; what fails for want of memory is counted. */
  async #attempt(operation) {
    try {
      await operation();
      return true;
    } catch (error) {
      if (error.code !== 'out-of-memory') throw error;
      this.nFailed++;
      return false;
    }
  }

  #add(session, tokens) {
    this.#sessions.push({ session, tokens, taps: [], tapped: null });
    if (this.#sessions.length > MOST_SESSIONS) {
      const [oldest] = this.#sessions.splice(0, 1);
      void oldest.session.dispose();
    }
  }

  #tapped(one, rows) {
    one.tapped = one.taps.length > 0 ? { tokens: one.tokens, rows } : null;
  }

  async #checkTaps({ session, taps, tapped }) {
    if (tapped === null) return;
    const { tokens, rows } = tapped;
    const found = await session.taps();
    assert.equal(found.rows, rows);
    const { config } = this.reference;
    const expected = lastRows(this.reference.taps(tokens), { rows, length: tokens.length, config });
    for (const name of taps) assertSameBits(found[name], expected[name], `the tap '${name}'`);
  }
}
