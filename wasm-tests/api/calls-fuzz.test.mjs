// Calls of all kinds side by side, given up at any moment, with callbacks and processors that mean harm: each settles in time
// with what it should, and afterwards everything is as before. `FUZZ_SEED` and `FUZZ_CASES` make longer runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AbortError, LanguageModel, SottoError } from 'sotto';
import { OWN, own, RandomCalls } from './random-calls.mjs';
import { Random } from './session-reference.mjs';
import { assertStillWorks, fixturePath, load, storiesPath } from './support.mjs';
import { refuseUnhandledRejections } from './unhandled.mjs';
import { settle, startWatchdog } from './watchdog.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const N_ROUNDS = Number(process.env.FUZZ_CASES ?? 10);
const MOST_MS = 25_000;
const MOST_LETTERS = 1000;

refuseUnhandledRejections();

/** Calls of one model, and what they come to. */
class Fuzzer {
  counts = {};
  #running = new Set();

  constructor(model, random, label) {
    Object.assign(this, { model, random, label });
    this.calls = new RandomCalls(random, model.info);
  }

  /** Starts calls, gives some of them up, and waits for all. */
  async round(nCalls) {
    const { random } = this;
    const sessions = await Promise.all([this.model.createSession(), this.model.createSession()]);
    await sessions[0].append([1, 2, 3]);
    for (let i = 0; i < nCalls; i++) {
      this.#start(sessions);
      if (random.next() < 0.3) await new Promise((resolve) => setTimeout(resolve, random.integer(0, 8)));
    }
    while (this.#running.size > 0) await Promise.all(this.#running);
    for (const session of sessions)
      await settle(`${this.label}: dispose of a session`, () => session.dispose());
  }

  #start(sessions) {
    const kinds = {
      generate: 8,
      generateBatch: 3,
      'session.generate': 6,
      'session.append': 4,
      score: 2,
      encode: 2,
      decode: 1,
      'session.truncate': 2,
      'session.fork': 2,
      'session.save': 1,
      'session.look': 2,
      'session.dispose': 1,
      memory: 1,
    };
    const kind = this.random.weighted(kinds);
    const handle = { mayAbort: false, again: () => this.#running.size < 60 && this.#start(sessions) };
    const session = this.random.pick(sessions);
    const [options, notes] = this.calls.options(handle);
    const prompt = this.calls.prompt();
    const shown = inspect(
      { prompt, options },
      { maxStringLength: 150, breakLength: Infinity, compact: true, depth: 3, maxArrayLength: 20 },
    );
    const name = `${this.label}, ${kind} (${notes}) of ${shown.slice(0, 1200)}`;
    const read =
      this.random.next() < 0.2
        ? {}
        : Object.fromEntries(Object.entries(options).filter(([key]) => READ_OPTIONS.includes(key)));
    const makes = {
      generate: () => this.#follow(handle, () => [this.model.generate(prompt, options)]),
      generateBatch: () =>
        this.#follow(handle, () => this.model.generateBatch([prompt, [1, 2], this.calls.prompt()], options)),
      'session.generate': () => this.#follow(handle, () => [session.generate(options)]),
      'session.append': () => session.append(prompt, read),
      score: () => this.model.score(prompt, read),
      encode: () => this.model.encode(prompt),
      decode: () => this.model.decode(prompt),
      'session.truncate': () => session.truncate(this.random.pick([0, 1, session.length, 1e9, -1])),
      'session.fork': async () => {
        const fork = await session.fork();
        await Promise.allSettled([fork.append([1]), fork.dispose(), fork.dispose()]);
      },
      'session.save': async () => {
        const bytes = await session.save();
        if (this.random.next() < 0.5) bytes[this.random.integer(0, bytes.length - 1)] ^= 1;
        await (await this.model.restoreSession(bytes)).dispose();
      },
      'session.look': () =>
        Promise.all([
          session.tokens(),
          session.logits(),
          session.kv(0),
          session.tap(['hidden']),
          session.taps(),
        ]),
      'session.dispose': async () => {
        sessions.push(await this.model.createSession());
        await session.dispose();
      },
      memory: () => this.model.memory(),
    };
    const running = settle(name, makes[kind], MOST_MS)
      .then((outcome) => this.#check(outcome, { name, kind, handle }))
      .finally(() => this.#running.delete(running));
    running.catch(() => {}); // it is waited for in the end
    this.#running.add(running);
  }

  /** Results of generations, followed in one of the ways there are, and perhaps given up. */
  async #follow(handle, make) {
    const { random } = this;
    const generations = make();
    handle.abort = () => random.pick(generations).abort(own);
    if (random.next() < 0.25) {
      handle.mayAbort = true;
      setTimeout(handle.abort, random.pick([0, 0, 1, 3, 10, 30]));
    }
    const way = random.integer(0, 4);
    if (way === 0) {
      handle.mayAbort = true;
      for await (const _ of generations[0]) break;
    }
    if (way === 1) await generations[0].toReadableStream().getReader().read();
    if (way === 2) await new Response(generations[0].toTextStream()).text();
    const outcomes = await Promise.all(
      generations.map(({ result }) => settle('a result', () => result, MOST_MS)),
    );
    for (const { value } of outcomes) if (value !== undefined) this.#checkResult(value);
    const failed = outcomes.find(({ error }) => error !== undefined);
    if (failed) throw failed.error;
    if (outcomes.some((outcome) => 'error' in outcome)) throw undefined;
  }

  #checkResult({ tokenIds, text, sequences, finishReason }) {
    const { vocabSize } = this.model.info;
    assert.ok(sequences.length > 0 && typeof text === 'string' && finishReason !== 'aborted');
    assert.ok([...tokenIds].every((id) => Number.isInteger(id) && id >= 0 && id < vocabSize));
  }

  #check(outcome, { name, kind, handle }) {
    const { error } = outcome;
    const what = 'error' in outcome ? (error?.code ?? error?.name ?? String(error)) : 'done';
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    if (!('error' in outcome)) return;
    const told = `${error?.stack ?? String(error)}\n  from ${name}`;
    assert.notEqual(error?.name, 'AssertionError', told);
    if (error instanceof SottoError) {
      assert.ok(error.message.length <= MOST_LETTERS, `${error.message.length} letters: ${told}`);
      assert.ok(
        error.code !== 'engine-crashed' &&
          (this.mayEnd || error.code !== 'disposed' || kind.startsWith('session')),
        told,
      );
    } else if (error instanceof AbortError) {
      assert.ok(handle.mayAbort, told);
    } else {
      assert.ok(this.#isOwn(error, handle), told);
    }
  }

  /** Whether it is what the caller's own code threw, or the reason of its signal. */
  #isOwn(error, handle) {
    if (error === own || error === undefined) return true;
    if (String(error?.message).includes(OWN)) return true;
    const top = String(error?.stack).split('\n').slice(1, 4);
    if (top.some((line) => line.includes('data:text/javascript'))) return true; // a processor's
    if (['null', 'undefined', 'Symbol(s)', 'it cannot be shown'].includes(error?.message)) return true; // crossed a border
    return handle.mayAbort && ([null, 'x'].includes(error) || error.name === 'AbortError');
  }
}

const READ_OPTIONS = ['signal', 'onPrefillProgress', 'x'];

const GREEDY = { maxNewTokens: 8, temperature: 0, numBeams: 1 };

for (const [name, worker, prefixCache] of [
  ['tiny-stories', false, 100_000],
  ['tiny-stories', true, 0],
  ['lfm2-tied', false, 0],
  ['gemma3_text-tied', false, 100_000],
  ['phi3-longrope-long', true, 0],
]) {
  test(`random calls side by side: ${name}, worker: ${worker}`, async (t) => {
    const says = startWatchdog(t, 2 * MOST_MS);
    const source = name === 'tiny-stories' ? storiesPath : fixturePath(`families/${name}`);
    const model = await load(t, source, { worker, prefixCache });
    const greedy = async () => (await model.generate([1, 2, 3], GREEDY).result).tokenIds;
    const known = await greedy();
    const random = new Random(SEED * 1_000_003 + name.length + Number(worker));
    const counts = {};
    let bytes = null;
    for (let i = 0; i < N_ROUNDS; i++) {
      const label = `${name}, seed ${SEED}, round ${i}`;
      says(label);
      const fuzzer = new Fuzzer(model, random, label);
      await fuzzer.round(random.integer(5, 15));
      for (const [code, count] of Object.entries(fuzzer.counts)) counts[code] = (counts[code] ?? 0) + count;
      says(`${label}, afterwards`);
      assert.deepEqual((await settle(`${label}: the model afterwards`, greedy)).value, known, label);
      if (name === 'tiny-stories') await assertStillWorks(model);
      if (prefixCache > 0) continue;
      const { bytesInUse } = await model.memory();
      bytes ??= bytesInUse;
      assert.ok(bytesInUse <= bytes, `${label}: ${bytesInUse - bytes} bytes are not given back`);
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.done > N_ROUNDS && counts['bad-option'] > 0, JSON.stringify(counts));
  });
}

for (const worker of [false, true]) {
  test(`a model that is disposed of in the middle, worker: ${worker}`, async (t) => {
    const says = startWatchdog(t, 2 * MOST_MS);
    const random = new Random(SEED * 1_000_033 + Number(worker));
    for (let i = 0; i < Math.ceil(N_ROUNDS / (worker ? 3 : 1)); i++) {
      const label = `seed ${SEED}, disposed ${i}`;
      says(label);
      const model = await LanguageModel.load(i % 2 ? storiesPath : fixturePath('odd-60'), { worker });
      const fuzzer = new Fuzzer(model, random, label);
      fuzzer.mayEnd = true;
      const begun = fuzzer.round(8);
      begun.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, random.pick([0, 1, 5, 20, 60])));
      await settle(`${label}: dispose`, () => Promise.all([model.dispose(), model.dispose()]));
      const { error } = await settle(label, () => begun, MOST_MS);
      if (error) assert.equal(error.code, 'disposed', `${error.stack}`);
      assert.throws(() => model.generate([1]), { code: 'disposed' });
    }
  });
}
