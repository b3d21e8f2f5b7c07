// Random calls of everything public in sotto/engine, with random arguments and in random phases: no call ends the engine, and
// whatever is refused is a SottoError.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SottoError } from 'sotto/engine';
import { loadIntoEngine } from './engine-support.mjs';
import { RandomArguments } from './random-arguments.mjs';
import { Random } from './session-reference.mjs';

/** Objects of a kind that are kept at most. */
const MOST_KEPT = 6;

const mine = new RangeError("the caller's own");

for (const [seed, options] of [
  [1, { variant: 'simd' }],
  [2, { weights: 'q8' }],
  [3, { variant: 'simd', weights: 'q4' }],
]) {
  test(`3000 random calls, seed ${seed}`, async (t) => {
    const { engine, model } = await loadIntoEngine(t, 'odd-42', options);
    const other = await loadIntoEngine(t, 'odd-8', { variant: 'simd' });
    const fuzzer = new EngineFuzzer(new Random(seed), engine, model, other);
    for (let i = 0; i < 3000; i++) {
      try {
        fuzzer.step();
      } catch (error) {
        error.message += ` [call ${i}: ${fuzzer.last}]`;
        throw error;
      }
    }
    t.diagnostic(`${fuzzer.nDone} calls did something, ${fuzzer.nRefused} were refused`);
    assert.ok(fuzzer.nDone > 800 && fuzzer.nRefused > 800, `${fuzzer.nDone} and ${fuzzer.nRefused}`);
    const unused = Object.entries(fuzzer.counts).filter(([, { done }]) => done < 3);
    assert.deepEqual(unused, [], 'every call is made, also with what it takes');
    const session = model.createSession();
    session.append([1, 2, 3]);
    assert.equal(engine.createSampler().sample(session) >= 0, true, 'and it works still');
  });
}

test('engines are made of sensible options alone', async () => {
  const fuzzer = new RandomArguments(new Random(7));
  for (const name of ['wasm', 'memoryLimit', 'threads', 'variant', 'memory_limit', 'x']) {
    for (let i = 0; i < 25; i++) {
      const engine = await Engine.create({ [name]: fuzzer.junk() }).catch((error) => {
        assert.ok(error instanceof SottoError && error.code !== 'engine-crashed', `${name}: ${error.stack}`);
      });
      engine?.memory();
      engine?.dispose();
    }
  }
});

class EngineFuzzer extends RandomArguments {
  nDone = 0;
  nRefused = 0;
  last = '';
  counts = {};
  #depth = 0;
  #kept = { session: [], sampler: [], beams: [], contrastive: [], unfinished: [], writer: [], bytes: [] };

  constructor(random, engine, model, other) {
    super(random, () => [engine, model, other.engine, this.foreign, ...Object.values(this.#kept).flat()]);
    Object.assign(this, { engine, model, other });
    this.foreign = other.model.createSession();
    this.foreign.tap(['hidden']);
    this.foreign.append([1]);
    for (const { call } of Object.values(this.#calls)) assert.equal(typeof call, 'function');
    for (const name of Object.keys(this.#calls)) this.counts[name] = { done: 0, refused: 0 };
  }

  /** One call, whatever comes of it. */
  step() {
    const name = this.random.pick(Object.keys(this.#calls));
    const { of, call } = this.#calls[name];
    const object = of === undefined ? undefined : this.#pick(of);
    if (of !== undefined && object === undefined) return;
    this.last = name;
    try {
      call(object);
      this.counts[name].done++;
      this.nDone++;
    } catch (error) {
      if (error === mine) return;
      const isRefusal = error instanceof SottoError && error.code !== 'engine-crashed';
      assert.ok(isRefusal, `${name}: ${error.code ?? ''} ${error.stack}`);
      this.counts[name].refused++;
      this.nRefused++;
    }
    this.engine.memory();
  }

  /** The model's own config, often with anything in one of its places, at any depth. */
  config() {
    const { random } = this;
    const config = JSON.parse(JSON.stringify(this.model.config));
    if (random.integer(0, 2) === 0) return config;
    let holder = config;
    for (;;) {
      const key = random.pick(Object.keys(holder));
      const inner = holder[key];
      const isDeeper = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
      if (!isDeeper || random.integer(0, 3) === 0) {
        holder[random.integer(0, 9) === 0 ? 'bogus' : key] = this.junk();
        return config;
      }
      holder = inner;
    }
  }

  #calls = {
    createModel: {
      call: () =>
        this.#keep(
          'unfinished',
          this.engine.createModel(this.config(), this.maybe({ weights: this.some(['f32', 'q8', 'q4']) })),
        ),
    },
    createSampler: {
      call: () => this.#keep('sampler', this.engine.createSampler(this.maybe(this.sampling()))),
    },
    createBeamSearch: {
      call: () => {
        const { random } = this;
        const numBeams = random.integer(1, 3);
        const beams = {
          numBeams: this.some([numBeams]),
          numReturnSequences: this.some([1, numBeams]),
          lengthPenalty: this.some([1, -2, 0.5, 1e300]),
          earlyStopping: this.some([true, false, 'never']),
          maxNewTokens: this.some([1, 2, 5, 100]),
        };
        const search = this.engine.createBeamSearch(
          this.maybe(beams),
          this.maybe(this.processing()),
          this.ids(),
        );
        this.#keep('beams', { search, running: 1 });
      },
    },
    createContrastiveSearch: {
      call: () => {
        const search = {
          penaltyAlpha: this.some([0, 0.5, 1]),
          topK: this.some([1, 2, 3]),
          hiddenSize: this.some([42]),
        };
        const created = this.engine.createContrastiveSearch(
          this.maybe(search),
          this.maybe(this.processing()),
        );
        this.#keep('contrastive', { search: created });
      },
    },
    createSession: { call: () => this.#keep('session', this.model.createSession()) },
    unfinished: {
      of: 'unfinished',
      call: (model) => {
        assert.throws(
          () => this.random.pick([() => model.createSession(), () => model.finish()])(),
          SottoError,
        );
      },
    },
    beginTensor: {
      of: 'unfinished',
      call: (model) => {
        const [name, rows] = this.random.pick([
          ['final_norm.weight', 42],
          ['final_norm.bias', 42],
          ['layers.0.attention.qkv.bias', 126],
        ]);
        const request = {
          name: this.some([name, name, 'nothing']),
          dtype: this.some(['F32', 'F16', 'BF16', 'I64']),
          rows: this.some([rows, rows, rows, 1]),
          columns: this.some([1]),
          transposed: this.some([false, false, false, true]),
          rowOffset: this.some([0, 0, 0, 1]),
        };
        this.#keep('writer', model.beginTensor(this.maybe(request)));
      },
    },
    write: {
      of: 'writer',
      call: (writer) => {
        if (this.random.next() < 0.3) writer.end();
        else writer.write(this.some([4, 84, 168, 1, 0, 300].map((size) => new Uint8Array(size))));
      },
    },
    writeTensor: {
      of: 'unfinished',
      call: (model) => {
        const rows = this.random.integer(1, 3); // of 42, so that there is room for several
        const rowOffset = this.random.integer(0, 39);
        const request = {
          name: 'final_norm.weight',
          dtype: 'F32',
          rows,
          columns: 1,
          transposed: false,
          rowOffset,
        };
        const writer = model.beginTensor(request);
        writer.write(new Uint8Array(4 * rows));
        writer.end();
      },
    },
    weightBytes: { of: 'unfinished', call: (model) => assert.ok(model.weightBytes >= 0) },
    append: {
      of: 'session',
      call: (session) => session.append(this.ids(), this.maybe({ allLogits: this.some([true, false]) })),
    },
    step: { of: 'session', call: (session) => session.step(this.some([0, 1, 2, 5])) },
    appendAll: {
      call: () => {
        const inputs = Array.from({ length: this.random.integer(0, 3) }, () =>
          this.maybe({ session: this.#session(), ids: this.ids(), allLogits: this.some([true, false]) }),
        );
        this.model.appendAll(this.maybe(inputs));
      },
    },
    truncate: {
      of: 'session',
      call: (session) => session.truncate(this.some([0, 1, 2, session.length, session.length - 1])),
    },
    fork: { of: 'session', call: (session) => this.#keep('session', session.fork()) },
    tap: {
      of: 'session',
      call: (session) => session.tap(this.some([[], ['hidden'], ['hidden', 'attention'], ['hidden']])),
    },
    look: {
      of: 'session',
      call: (session) => {
        session.taps();
        session.tokens();
        session.logits();
        assert.ok(session.kvBytes >= 0);
        if (this.random.next() < 0.1) session.releaseLogits();
      },
    },
    kv: { of: 'session', call: (session) => session.kv(this.some([0, 1])) },
    readKv: { of: 'session', call: (session) => session.readKv(this.some([0, 1])) },
    logProbabilities: {
      of: 'session',
      call: (session) =>
        session.logProbabilities(
          this.some([0, 7]),
          this.maybe({ alternatives: this.some([0, 3, 1e9]), row: this.some([0, 0, undefined]) }),
        ),
    },
    save: { of: 'session', call: (session) => this.#keep('bytes', session.save()) },
    restore: {
      of: 'bytes',
      call: (bytes) => {
        const given = bytes.slice(
          0,
          this.random.pick([bytes.length, bytes.length, bytes.length, 0, 10, bytes.length - 1]),
        );
        if (this.random.next() < 0.4 && given.length > 0)
          given[this.random.integer(0, Math.min(80, given.length) - 1)] ^= 1 << this.random.integer(0, 7);
        this.#keep('session', this.model.restoreSession(this.some([given, given, given.buffer])));
      },
    },
    begin: { of: 'sampler', call: (sampler) => sampler.begin(this.ids()) },
    accept: { of: 'sampler', call: (sampler) => sampler.accept(this.some([0, 1, 2])) },
    sample: {
      of: 'sampler',
      call: (sampler) => sampler.sample(this.#session(), this.some([undefined, undefined, 0])),
    },
    process: {
      of: 'sampler',
      call: (sampler) =>
        this.#disturb(sampler.process(this.#session(), this.some([undefined, undefined, 0]))),
    },
    choose: { of: 'sampler', call: (sampler) => sampler.choose() },
    advance: {
      of: 'beams',
      call: (search) => {
        const n = this.random.next() < 0.8 ? search.running : this.random.integer(0, 5);
        this.#advance(search, n);
      },
    },
    isDone: { of: 'beams', call: ({ search }) => assert.equal(typeof search.isDone, 'boolean') },
    tokens: { of: 'beams', call: ({ search }) => search.tokens(this.some([0, 0, 1])) },
    finish: { of: 'beams', call: ({ search }) => search.finish() },
    contrastiveBegin: { of: 'contrastive', call: ({ search }) => search.begin(this.ids()) },
    addContext: { of: 'contrastive', call: ({ search }) => search.addContext(this.#session()) },
    candidates: {
      of: 'contrastive',
      call: (one) => {
        const session = this.#session();
        one.candidates = one.search.candidates(session, this.#change());
        one.session = session;
      },
    },
    contrastiveChoose: {
      of: 'contrastive',
      call: (one) => {
        const isRight = this.random.next() < 0.8;
        if (isRight && this.random.next() < 0.8) {
          one.search.begin([1, 2]);
          const session = this.#session();
          one.candidates = one.search.candidates(session);
          one.session = session;
        }
        const forks = (isRight ? (one.candidates ?? []) : [1]).map((id) => {
          const fork = isRight ? one.session.fork() : this.#session();
          if (isRight) {
            fork.tap(['hidden']);
            fork.step(id);
          }
          return fork;
        });
        const index = one.search.choose(this.maybe(forks));
        assert.ok(index >= 0 && index < one.candidates.length);
      },
    },
    dispose: {
      call: () => {
        const kind = this.random.pick(['session', 'sampler', 'beams', 'contrastive', 'unfinished']);
        const object = this.#pick(kind);
        (object?.search ?? object)?.dispose();
      },
    },
  };

  /** One that has read something, most often. */
  #session() {
    const chance = this.random.next();
    if (chance < 0.03) return this.foreign;
    if (chance < 0.06) return this.junk();
    if (chance < 0.4) return this.#pick('session') ?? this.model.createSession();
    const session = this.model.createSession();
    session.tap(['hidden']);
    session.append([1, 2]);
    this.#keep('session', session);
    return session;
  }

  #change() {
    return this.random.next() < 0.6 ? undefined : this.some([(row) => this.#disturb(row)]);
  }

  /** What a caller may do to logits, and in the middle of a step. */
  #disturb(row) {
    const { random } = this;
    const chance = random.next();
    if (chance < 0.5) return;
    if (chance < 0.6) row.fill(random.pick([Number.NaN, Infinity, -Infinity, 0, 3.4e38]));
    else if (chance < 0.8)
      row[random.integer(0, 40)] = random.pick([Number.NaN, Infinity, -Infinity, 5, -3.4e38]);
    else if (chance < 0.9) throw mine;
    else if (this.#depth < 2) {
      this.#depth++;
      try {
        this.step();
      } finally {
        this.#depth--;
      }
    }
  }

  #advance(one, n) {
    const sessions = Array.from({ length: n }, () => {
      const session = this.model.createSession();
      session.append([1]);
      return session;
    });
    try {
      if (this.random.next() < 0.1) sessions[0] = this.#session();
      const moves = one.search.advance(this.maybe(sessions), this.#change());
      assert.ok(moves.every(({ parent }) => parent < one.running));
      one.running = moves.length;
    } finally {
      for (const session of sessions) if (session !== this.foreign) session?.dispose?.();
    }
  }

  #pick(kind) {
    const list = this.#kept[kind];
    return list.length === 0 ? undefined : this.random.pick(list);
  }

  /** Some stay when they are dropped here, and are collected as garbage, as callers' would be. */
  #keep(kind, object) {
    const list = this.#kept[kind];
    list.push(object);
    if (list.length <= MOST_KEPT) return;
    const dropped = list.shift();
    (dropped.search ?? dropped).dispose?.();
  }
}
