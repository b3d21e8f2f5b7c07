// Thousands of operations on sessions of the engine, in random order, against lists of token ids: whatever has happened to a
// session, it gives to the last bit what a new one gives that reads its tokens at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from './engine-support.mjs';
import { randomModel } from './make-weights.mjs';
import { assertSameBits, assertSameKeysValues, lastRows, Random, Reference } from './session-reference.mjs';
import { familyWithRoom, sottoError } from './support.mjs';

const WEIGHTS = {
  append: 4,
  step: 3,
  truncate: 3,
  rewind: 2,
  fork: 3,
  dispose: 2,
  create: 1,
  restore: 2,
  appendAll: 4,
  tap: 1,
  releaseLogits: 1,
  refuse: 1,
  readKv: 2,
};
const MOST_SESSIONS = 8;

for (const name of ['odd-60', 'odd-42', 'odd-8']) {
  for (const weights of ['f32', 'q8']) {
    test(`${name}, ${weights}: 1200 random operations`, (t) => fuzz(t, name, { weights }, 1200));
  }
}

// Recurrent layers of each kind; attention windows of 7 and 9, beside layers without and alone; two sets of rotary factors; 6 heads over 2
// of keys and values. Contexts long enough for windows to leave pages behind, and for more than one place to go back to.
for (const name of [
  'lfm2-tied',
  'qwen3_5_text-tied',
  'granitemoehybrid-mamba',
  'falcon_h1-norm-last',
  'gemma4_text-shared',
  'gemma3n_text-three-streams',
  'gemma3_text-tied',
  'mistral-window',
  'phi3-longrope-long',
  'qwen3-window',
]) {
  for (const weights of ['f32', 'q8']) {
    test(`${name}, ${weights}: 400 random operations`, (t) =>
      fuzz(t, familyWithRoom(name), { weights }, 400));
  }
}

test('300 tokens of context, more than a pass takes: 500 random operations', async (t) => {
  const config = { n_positions: 300, n_embd: 20, n_head: 2, n_layer: 2, vocab_size: 40 };
  await fuzz(t, randomModel(config, new Random(1)), { weights: 'q8' }, 500);
});

test('1000 random operations while memory is short: what fails changes nothing', async (t) => {
  const { engine } = await loadIntoEngine(t, 'odd-60');
  const memoryLimit = engine.memory().peakBytes;
  const nFailed = await fuzz(t, 'odd-60', { memoryLimit }, 1000, (model, limited) => {
    const pageBytes = 3 * 2 * 32 * 60 * 4; // layers, keys and values, positions, width, bytes
    for (let i = 0; memoryLimit - limited.memory().bytesInUse > 14 * pageBytes; i++) {
      model.createSession().append(new Array(32).fill(i));
    }
  });
  assert.ok(nFailed > 50 && nFailed < 500, `${nFailed} failed`);
});

for (const name of ['lfm2-tied', 'gemma3_text-tied', 'phi3-longrope-long']) {
  test(`${name}: 400 random operations while memory is short`, async (t) => {
    const source = familyWithRoom(name);
    const { engine } = await loadIntoEngine(t, source);
    const memoryLimit = engine.memory().peakBytes;
    const nFailed = await fuzz(t, source, { memoryLimit }, 400, (model, limited) => {
      while (memoryLimit - limited.memory().bytesInUse > model.sequenceBytes(600)) {
        model.createSession().append(new Array(100).fill(1));
      }
    });
    assert.ok(nFailed > 20 && nFailed < 250, `${nFailed} failed`);
  });
}

/** Returns how many operations failed for want of memory. `fill`: takes memory that stays taken. */
async function fuzz(t, source, options, nOperations, fill = () => {}) {
  const reference = new Reference(await loadIntoEngine(t, source, { weights: options.weights }));
  const { engine, model } = await loadIntoEngine(t, source, options);
  fill(model, engine);
  model.createSession().save(); // what the model computes once for all
  const before = engine.memory();
  let nFailed = 0;
  for (const seed of [1, 2]) {
    const fuzzer = new Fuzzer({ engine, model, reference, random: new Random(seed) });
    for (let i = 0; i < nOperations / 2; i++) {
      const name = fuzzer.random.weighted(WEIGHTS);
      try {
        fuzzer.run(name);
      } catch (error) {
        error.message += ` [seed ${seed}, operation ${i}: ${name}]`;
        throw error;
      }
    }
    fuzzer.disposeAll();
    const { bytesInUse, kvPages } = engine.memory();
    assert.deepEqual({ bytesInUse, kvPages }, { bytesInUse: before.bytesInUse, kvPages: before.kvPages });
    nFailed += fuzzer.nFailed;
  }
  return nFailed;
}

/** Sessions beside the tokens that they should hold, and the operations on them. */
class Fuzzer {
  nFailed = 0;
  #sessions = []; // { session, tokens, nRows: of logits, taps: their names, tapped: { tokens, rows } }

  constructor({ engine, model, reference, random }) {
    Object.assign(this, { engine, model, reference, random });
    this.contextLength = model.config.contextLength;
    const { mixer } = model.config.kinds[0];
    this.originalLength = mixer.rope?.scaling?.originalContextLength ?? this.contextLength;
    this.#add(model.createSession());
  }

  run(name) {
    const one = this.random.pick(this.#sessions);
    this.#operations[name](one);
    this.#check(one);
  }

  disposeAll() {
    for (const one of this.#sessions) {
      this.#check(one);
      one.session.dispose();
    }
  }

  #operations = {
    append: (one) => {
      const allLogits = this.random.next() < 0.3;
      const most = allLogits || one.taps.length > 0 ? this.engine.maxChunk : this.contextLength;
      const ids = this.#ids(one, most);
      if (ids.length === 0) return;
      this.#attempt([one], () => {
        one.session.append(ids, { allLogits });
        this.#appended(one, ids, allLogits);
      });
    },
    step: (one) => {
      const ids = this.#ids(one, 1);
      if (ids.length === 0) return;
      this.#attempt([one], () => {
        one.session.step(ids[0]);
        this.#appended(one, ids, false);
      });
    },
    truncate: (one) => {
      const { random } = this;
      const back = random.pick([0, 1, 2, one.tokens.length % 32, 32, random.integer(0, one.tokens.length)]);
      const length = Math.max(0, one.tokens.length - back);
      this.#attempt([one], () => {
        one.session.truncate(length);
        if (length < one.tokens.length) one.nRows = 0;
        one.tokens = one.tokens.slice(0, length);
      });
    },
    rewind: (one) => {
      const length = Math.max(0, one.tokens.length - this.random.pick([0, 1, 2, 7, 33, 150]));
      const reached = one.session.rewind(length);
      assert.ok(reached <= length, `${reached} of ${length}`);
      if (length < one.tokens.length) one.nRows = 0;
      one.tokens = one.tokens.slice(0, reached);
    },
    fork: (one) => {
      const pages = this.engine.memory().kvPages;
      this.#attempt([one], () => this.#add(one.session.fork(), one.tokens, one.nRows));
      assert.ok(this.engine.memory().kvPages <= pages, 'forking copies nothing');
    },
    create: () => this.#attempt([], () => this.#add(this.model.createSession())),
    dispose: (one) => {
      if (this.#sessions.length > 1) this.#drop(one);
    },
    restore: (one) => {
      this.#attempt([one], () => {
        const bytes = one.session.save();
        const restored = this.model.restoreSession(bytes);
        const added = this.#add(restored, one.tokens, Math.min(one.nRows, 1));
        this.#attempt([one, added], () => assertSameBits(restored.save(), bytes, 'saved again'));
      });
    },
    appendAll: () => {
      const { random } = this;
      const chosen = this.#sessions.filter(() => random.next() < 0.6);
      let room = this.engine.maxChunk;
      const inputs = chosen.flatMap((one) => {
        const ids = this.#ids(one, room);
        room -= ids.length;
        return ids.length === 0 ? [] : [{ one, session: one.session, ids, allLogits: random.next() < 0.3 }];
      });
      this.#attempt(chosen, () => {
        this.model.appendAll(inputs.map(({ one: _, ...input }) => input));
        for (const { one, ids, allLogits } of inputs) this.#appended(one, ids, allLogits);
      });
      for (const one of chosen) this.#check(one);
    },
    tap: (one) => {
      one.taps = this.random.pick([[], ['hidden'], ['attention'], ['hidden', 'attention']]);
      one.tapped = null;
      one.session.tap(one.taps);
    },
    releaseLogits: (one) => {
      one.session.releaseLogits();
      one.nRows = 0;
    },
    refuse: (one) => this.#refuse(one),
    readKv: (one) => {
      if (one.tokens.length === 0) return;
      this.#attempt([one], () => {
        const expected = this.reference.kv(one.tokens);
        for (const [layer, keysValues] of expected.entries()) {
          if (keysValues === null) {
            assert.throws(() => one.session.readKv(layer), sottoError('bad-option', /layer \d+ has no keys/));
          } else {
            assertSameKeysValues(one.session.readKv(layer), keysValues, `layer ${layer}`);
          }
        }
      });
    },
  };

  /** Input that is wrong, and must be found so before anything changes. */
  #refuse(one) {
    const { session, tokens } = one;
    const other = this.random.pick(this.#sessions);
    const tooMany = this.random.ids(this.contextLength - tokens.length + 1, 5);
    assert.throws(() => session.append(tooMany), sottoError('prompt-too-long'));
    assert.throws(() => session.truncate(tokens.length + 1), sottoError('bad-option'));
    assert.throws(() => session.rewind(tokens.length + 1), sottoError('bad-option'));
    assert.throws(
      () => session.append([1, this.model.config.vocabSize]),
      tokens.length + 2 > this.contextLength ? sottoError('prompt-too-long') : sottoError('bad-token'),
    );
    const twice = [
      { session: other.session, ids: [1] },
      { session: other.session, ids: [1] },
    ];
    assert.throws(() => this.model.appendAll(twice), sottoError('bad-option'));
    if (other !== one && other.tokens.length < this.contextLength) {
      const half = [
        { session: other.session, ids: [1] },
        { session, ids: [] },
      ];
      assert.throws(() => this.model.appendAll(half), sottoError('empty-prompt'));
      this.#check(other);
    }
  }

  /** Tries what may fail for want of memory; then these sessions must be what they were. */
  #attempt(touched, operation) {
    const { kvPages } = this.engine.memory();
    try {
      operation();
    } catch (error) {
      if (error.code !== 'out-of-memory') throw error;
      this.nFailed++;
      const more = this.engine.memory().kvPages - kvPages; // own copies of shared pages, which are needed next time
      assert.ok(more <= touched.length, `what failed holds ${more} pages`);
      for (const one of touched) this.#check(one);
    }
  }

  #ids(one, most) {
    const room = Math.min(most, this.contextLength - one.tokens.length);
    if (room === 0) return [];
    return this.random.ids(this.random.count(one.tokens.length, room), this.model.config.vocabSize);
  }

  #appended(one, ids, allLogits) {
    one.tokens = [...one.tokens, ...ids];
    one.nRows = allLogits ? ids.length : 1;
    one.tapped = one.taps.length > 0 ? { tokens: one.tokens, rows: ids.length } : null;
  }

  #add(session, tokens = [], nRows = 0) {
    if (this.#sessions.length === MOST_SESSIONS) this.#drop(this.random.pick(this.#sessions));
    const added = { session, tokens, nRows, taps: [], tapped: null };
    this.#sessions.push(added);
    return added;
  }

  #drop(one) {
    this.#check(one);
    one.session.dispose();
    this.#sessions = this.#sessions.filter((other) => other !== one);
    assert.throws(() => one.session.length, sottoError('disposed'));
  }

  #check(one) {
    const { session, tokens, nRows } = one;
    if (!this.#sessions.includes(one)) return;
    assert.equal(session.length, tokens.length);
    assert.deepEqual([...session.tokens()], tokens);
    const { vocabSize } = this.model.config;
    const logits = session.logits();
    assert.equal(logits.length, nRows * vocabSize);
    for (const row of new Set([0, nRows - 1, this.random.integer(0, Math.max(0, nRows - 1))])) {
      if (nRows === 0) break;
      const nRead = tokens.length - nRows + row + 1;
      if (nRead <= this.originalLength && tokens.length > this.originalLength) continue; // read as a part of a long text
      const expected = this.reference.logits(tokens.slice(0, nRead));
      const found = session.logits().subarray(row * vocabSize, (row + 1) * vocabSize);
      assertSameBits(found, expected, `row ${row} of ${nRows} of the logits of ${tokens.length} tokens`);
    }
    if (one.tapped !== null) this.#checkTaps(one);
  }

  /** Of the last append, also when the session was cut afterwards. */
  #checkTaps({ session, taps, tapped: { tokens, rows } }) {
    const found = session.taps();
    assert.deepEqual(Object.keys(found), [
      'rows',
      ...['hidden', 'attention'].filter((name) => taps.includes(name)),
    ]);
    assert.equal(found.rows, rows);
    const { config } = this.model;
    const expected = lastRows(this.reference.taps(tokens), { rows, length: tokens.length, config });
    for (const name of taps) assertSameBits(found[name], expected[name], `the tap '${name}'`);
  }
}
