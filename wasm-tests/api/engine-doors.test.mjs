// What sotto/engine refuses: values, sessions that do not fit, and phases out of order. After each refusal the engine works.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { loadIntoEngine } from './engine-support.mjs';
import { sottoError } from './support.mjs';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const NO_NUMBERS = [nan, infinity, -infinity, '1', null, undefined, true, 1n, [1], {}];
const NO_COUNTS = [...NO_NUMBERS, -1, 0.5, 2 ** 53];
const NO_LISTS = [undefined, null, 1, '1', {}, { length: 1e12 }, new DataView(new ArrayBuffer(4)), () => 1];
const BEAMS = { numBeams: 2, numReturnSequences: 1, lengthPenalty: 1, earlyStopping: false, maxNewTokens: 4 };
const CONTRASTIVE = { penaltyAlpha: 0.5, topK: 3, hiddenSize: 60 };

/** A session that has read some tokens. */
function sessionOf(model, ids, taps = []) {
  const session = model.createSession();
  session.tap(taps);
  session.append(ids);
  return session;
}

test('the options of searches are taken in their ranges, and refused beyond them', async () => {
  const engine = await Engine.create({ variant: 'simd' });
  const beams = (changes) => engine.createBeamSearch({ ...BEAMS, ...changes }, {}, [1]);
  const contrastive = (changes) => engine.createContrastiveSearch({ ...CONTRASTIVE, ...changes }, {});
  const table = [
    [beams, 'numBeams', [1, 1024], [...NO_COUNTS, 0, 1025]],
    [beams, 'numReturnSequences', [1, 2], [...NO_COUNTS, 0, 3, 1025]],
    [beams, 'lengthPenalty', [0, -1, 2.5, 5e-324, 1e308, -1e308], NO_NUMBERS],
    [beams, 'earlyStopping', [true, false, 'never'], ['always', 'true', 0, null, undefined, nan, {}]],
    [beams, 'maxNewTokens', [1, 2 ** 31 - 1], [...NO_COUNTS, 0, 2 ** 31, 2 ** 32]],
    [contrastive, 'penaltyAlpha', [0, 5e-324, 1], [...NO_NUMBERS, -0.1, 1.01, 7]],
    [contrastive, 'topK', [1, 2 ** 31 - 1], [...NO_COUNTS, 0, 2 ** 31, 2 ** 32]],
    [contrastive, 'hiddenSize', [1, 2 ** 24], [...NO_COUNTS, 0, 16.5, 2 ** 24 + 1, 2 ** 32]],
  ];
  for (const [create, name, good, bad] of table) {
    for (const value of good) create({ [name]: value }).dispose();
    for (const value of bad) {
      const isRefused = sottoError('bad-option', new RegExp(`^${name} is .*(must be|no more than)`));
      assert.throws(() => create({ [name]: value }), isRefused, `${name} ${String(value)}`);
    }
  }
  assert.throws(() => beams({ num_beams: 3 }), sottoError('unknown-option', /did you mean numBeams\?/));
  assert.throws(
    () => contrastive({ hiddensize: 3 }),
    sottoError('unknown-option', /did you mean hiddenSize\?/),
  );
  const { lengthPenalty: _, ...incomplete } = BEAMS;
  assert.throws(
    () => engine.createBeamSearch(incomplete, {}, [1]),
    sottoError('bad-option', /lengthPenalty is undefined/),
  );
  for (const drawn of [{ temperature: 0.5 }, { topK: 3 }, { seed: 1 }]) {
    const isRefused = sottoError('bad-option', /does not go with a search, which draws no token/);
    assert.throws(() => engine.createBeamSearch(BEAMS, drawn, [1]), isRefused);
    assert.throws(() => engine.createContrastiveSearch(CONTRASTIVE, drawn), isRefused);
  }
  for (const none of [undefined, null, 3, 'x']) {
    assert.throws(() => engine.createBeamSearch(none, {}, [1]), sottoError('bad-option'));
    assert.throws(() => engine.createBeamSearch(BEAMS, none, [1]), sottoError('bad-option'));
    assert.throws(() => engine.createContrastiveSearch(none, {}), sottoError('bad-option'));
    assert.throws(() => engine.createContrastiveSearch(CONTRASTIVE, none), sottoError('bad-option'));
  }
  for (const none of NO_LISTS) {
    assert.throws(() => engine.createBeamSearch(BEAMS, {}, none), sottoError('bad-option', /promptIds is/));
  }
  for (const id of [-1, 0.5, 2 ** 31, nan, '1', null, 1n]) {
    assert.throws(
      () => engine.createBeamSearch(BEAMS, {}, [1, id]),
      sottoError('bad-token', /promptIds\[1\]/),
    );
  }
  engine.dispose();
});

test('a beam search takes one session for each running beam, in its phases', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const search = engine.createBeamSearch({ ...BEAMS, maxNewTokens: 2 }, {}, [1]);
  const one = sessionOf(model, [1]);
  const empty = model.createSession();
  const wrongCount = (n, given) =>
    sottoError('bad-option', new RegExp(`each of the ${n} running beams, not ${given}`));
  const refusals = () => {
    assert.throws(() => search.advance([]), wrongCount(1, 0));
    assert.throws(() => search.advance([one, one]), wrongCount(1, 2));
    assert.throws(() => search.advance(new Array(3000).fill(one)), wrongCount(1, 2));
    assert.throws(() => search.advance([empty]), sottoError('empty-prompt', /no logits/));
    for (const none of [undefined, null, 1, one, {}]) {
      assert.throws(() => search.advance(none), sottoError('bad-option', /sessions is/));
    }
    for (const none of [undefined, null, 1, {}, search, model]) {
      assert.throws(() => search.advance([none]), sottoError('bad-option', /sessions\[0\] is/));
    }
    for (const none of [null, 1, 'x', {}]) {
      assert.throws(() => search.advance([one], none), sottoError('bad-option', /change is/));
    }
    for (const beam of [1, 9, -1, 0.5, nan, '0', null, undefined]) {
      assert.throws(() => search.tokens(beam), sottoError('bad-option', /beam is/));
    }
  };
  refusals();
  assert.deepEqual(search.finish(), []);
  assert.deepEqual(search.tokens(0), []);
  const first = search.advance([one]);
  assert.equal(first.length, 2);
  assert.throws(() => search.advance([one]), wrongCount(2, 1));
  const two = first.map(({ tokenId }) => sessionOf(model, [1, tokenId]));
  assert.deepEqual(search.advance(two), []);
  assert.ok(search.isDone);
  const isDone = sottoError('bad-option', /the search is done/);
  assert.throws(() => search.advance(two), isDone);
  assert.throws(() => search.advance([]), isDone);
  assert.throws(() => search.tokens(0), sottoError('bad-option', /none does any more/));
  assert.equal(search.finish().length, 1);
  assert.deepEqual(search.finish(), search.finish());

  // The refused calls before the first step have left no trace.
  const fresh = engine.createBeamSearch({ ...BEAMS, maxNewTokens: 2 }, {}, [1]);
  assert.deepEqual(fresh.advance([one]), first);
  fresh.advance(two);
  assert.deepEqual(fresh.finish(), search.finish());
  search.dispose();
  assert.throws(() => search.advance([one]), sottoError('disposed'));
  assert.throws(() => search.isDone, sottoError('disposed'));
});

test('sessions of another engine, another model, and disposed ones are refused by searches and samplers', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const other = await loadIntoEngine(t, 'odd-42');
  const foreign = sessionOf(other.model, [1], ['hidden']);
  const gone = sessionOf(model, [1]);
  gone.dispose();
  const beams = engine.createBeamSearch(BEAMS, {}, [1]);
  const contrastive = engine.createContrastiveSearch(CONTRASTIVE, {});
  contrastive.begin([1]);
  const sampler = engine.createSampler();
  const calls = (session) => [
    () => beams.advance([session]),
    () => contrastive.addContext(session),
    () => contrastive.candidates(session),
    () => contrastive.choose([session]),
    () => sampler.sample(session),
    () => sampler.process(session),
    () => model.appendAll([{ session, ids: [1] }]),
  ];
  for (const call of calls(foreign)) assert.throws(call, sottoError('bad-option', /session/));
  for (const none of [undefined, null, 1, {}, sampler]) {
    for (const call of calls(none)) assert.throws(call, sottoError('bad-option', /session/));
  }
  for (const [i, call] of calls(gone).entries()) {
    assert.throws(call, i === 6 ? sottoError('bad-option') : sottoError('disposed'));
  }
  const small = other.engine.createContrastiveSearch({ ...CONTRASTIVE, hiddenSize: 60 }, {});
  assert.throws(
    () => small.addContext(foreign),
    sottoError('bad-option', /a hidden size of 42; .* one of 60/),
  );
  const session = sessionOf(model, [1]);
  assert.equal(beams.advance([session]).length, 2, 'they all work still');
  assert.equal(sampler.sample(session), contrastive.candidates(session)[0]);
});

test('a contrastive search goes from begin to candidates to choose', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const run = (disturb = () => {}) => {
    const search = engine.createContrastiveSearch(CONTRASTIVE, {});
    const session = sessionOf(model, [1, 2], ['hidden']);
    const blind = sessionOf(model, [1, 2]);
    disturb(search, 'begin', { session, blind });
    search.begin([1, 2]);
    search.addContext(session);
    disturb(search, 'candidates', { session, blind });
    const chosen = [];
    for (let step = 0; step < 3; step++) {
      const ids = search.candidates(session);
      const forks = ids.map((id) => {
        const fork = session.fork();
        fork.tap(['hidden']);
        fork.step(id);
        return fork;
      });
      disturb(search, 'choose', { session, blind, forks });
      const index = search.choose(forks);
      chosen.push(ids[index]);
      session.step(ids[index]);
      disturb(search, 'candidates', { session, blind });
    }
    return chosen;
  };
  const refuse = (call, message) => assert.throws(call, sottoError('bad-option', message));
  const disturbed = run((search, next, { session, blind, forks }) => {
    refuse(() => search.addContext(blind), /tap 'hidden' has kept nothing/);
    if (next === 'begin') {
      refuse(() => search.candidates(session), /begin\(\) .* comes before/);
      for (const none of NO_LISTS) refuse(() => search.begin(none), /ids is/);
    }
    if (next !== 'choose') {
      refuse(() => search.choose([]), /candidates\(\) comes before choose/);
      refuse(() => search.choose([session]), /candidates\(\) comes before choose/);
      return;
    }
    const count = (n) => new RegExp(`each of the 3 candidates, not ${n}`);
    refuse(() => search.choose([]), count(0));
    refuse(() => search.choose(forks.slice(0, 2)), count(2));
    refuse(() => search.choose([...forks, forks[0]]), count(4));
    refuse(
      () => search.choose([forks[1], forks[0], forks[2]]),
      /candidate 0 is token \d+; its session must end with it/,
    );
    const blindFork = forks[0].fork();
    refuse(() => search.choose([blindFork, forks[1], forks[2]]), /tap 'hidden' has kept nothing/);
  });
  assert.deepEqual(disturbed, run(), 'refusals change nothing');
  const search = engine.createContrastiveSearch(CONTRASTIVE, {});
  search.begin([1]);
  assert.throws(() => search.candidates(model.createSession()), sottoError('empty-prompt', /no logits/));
});

test('a callback that changes logits may throw, write anything, or go its own ways', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = sessionOf(model, [1], ['hidden']);
  const expected = engine.createBeamSearch(BEAMS, {}, [1]).advance([session]);
  const beams = engine.createBeamSearch(BEAMS, {}, [1]);
  const contrastive = engine.createContrastiveSearch(CONTRASTIVE, {});
  contrastive.begin([1]);
  const candidates = contrastive.candidates(session);
  const mine = new RangeError('mine');
  const isMine = (error) => error === mine;
  const fails = () => {
    throw mine;
  };
  const fill = (value) => (logits) => logits.fill(value);
  const put = (value) => (logits) => {
    logits[3] = value;
  };
  for (const call of [
    (change) => beams.advance([session], change),
    (change) => contrastive.candidates(session, change),
  ]) {
    assert.throws(() => call(fails), isMine);
    const nothing = sottoError('bad-option', /nothing can be chosen: .* ruled out by a logits processor/);
    assert.throws(() => call(fill(-infinity)), nothing);
    for (const change of [fill(nan), put(nan), put(infinity)]) {
      assert.throws(() => call(change), sottoError('bad-option', /NaN or infinity after a logits processor/));
    }
  }
  assert.throws(
    () => beams.advance([session], () => beams.advance([session])),
    (error) => error.code !== 'engine-crashed',
  );
  const again = engine.createBeamSearch(BEAMS, {}, [1]);
  assert.throws(() => again.advance([session], () => again.dispose()), sottoError('disposed'));
  const retried = engine.createBeamSearch(BEAMS, {}, [1]);
  assert.throws(() => retried.advance([session], fails), isMine);
  assert.deepEqual(
    retried.advance([session], () => model.createSession().append([1, 2, 3])),
    expected,
  );
  assert.deepEqual(contrastive.candidates(session), candidates);
});

test('a sampler chooses once by what it processed', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = sessionOf(model, [1]);
  const sampler = engine.createSampler({ repetitionPenalty: 1.2 });
  const tooEarly = sottoError('bad-option', /process\(\) comes before/);
  assert.throws(() => sampler.choose(), tooEarly);
  sampler.process(session);
  sampler.choose();
  assert.throws(() => sampler.choose(), tooEarly);
  for (const none of NO_LISTS)
    assert.throws(() => sampler.begin(none), sottoError('bad-option', /promptIds is/));
  for (const id of [-1, 0.5, 2 ** 31, nan, '1', null, 1n]) {
    assert.throws(() => sampler.begin([0, id]), sottoError('bad-token'));
    assert.throws(() => sampler.accept(id), sottoError('bad-token'));
  }
  for (const row of [1, -1, 0.5, nan, '0', null]) {
    assert.throws(() => sampler.sample(session, row), sottoError('bad-option', /row is/), String(row));
  }
  assert.throws(() => sampler.sample(model.createSession()), sottoError('empty-prompt'));
  sampler.begin([1002, 1003]);
  assert.throws(() => sampler.sample(session), sottoError('bad-token', /the sequence has the token 1003/));
  const withEnd = engine.createSampler({ endTokens: [7, 5000], minNewTokens: 1 });
  assert.throws(
    () => withEnd.sample(session),
    sottoError('bad-token', /the list of end tokens has the token 5000/),
  );
  sampler.begin([]);
  sampler.sample(session);
});

test('tensors are announced and written in order', async (t) => {
  const { engine, model: finished } = await loadIntoEngine(t, 'odd-60');
  const request = {
    name: 'final_norm.weight',
    dtype: 'F32',
    rows: 60,
    columns: 1,
    transposed: false,
    rowOffset: 0,
  };
  const model = engine.createModel(finished.config);
  const wrong = {
    name: [1, null, undefined, {}],
    dtype: [1, null, undefined],
    rows: NO_COUNTS,
    columns: NO_COUNTS,
    transposed: [0, 1, 'false', null, undefined],
    rowOffset: NO_COUNTS,
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const isRefused = sottoError('bad-option', new RegExp(`^${name} is`));
      assert.throws(
        () => model.beginTensor({ ...request, [name]: value }),
        isRefused,
        `${name} ${String(value)}`,
      );
    }
  }
  const shapes = [
    { rows: 0 },
    { rows: 59.0 + 2 },
    { columns: 2 },
    { rowOffset: 1 },
    { rows: 2 ** 52 },
    { rowOffset: 2 ** 52 },
  ];
  for (const change of [...shapes, { dtype: 'F8' }, { name: 'nothing' }, { transposed: true }]) {
    const code = sottoError('bad-tensor');
    assert.throws(() => model.beginTensor({ ...request, ...change }), code, JSON.stringify(change));
  }
  assert.throws(
    () => model.beginTensor({ ...request, row_offset: 1 }),
    sottoError('unknown-option', /did you mean rowOffset\?/),
  );
  for (const none of [undefined, null, 1, 'x']) {
    assert.throws(() => model.beginTensor(none), sottoError('bad-option'));
  }
  const writer = model.beginTensor(request);
  for (const none of [undefined, null, 1, [1], new ArrayBuffer(8), new Float32Array(1)]) {
    assert.throws(() => writer.write(none), sottoError('bad-option', /bytes is/));
  }
  assert.throws(() => model.beginTensor(request), sottoError('bad-tensor', /still being written/));
  assert.throws(() => model.finish(), sottoError('bad-tensor', /still being written/));
  writer.write(new Uint8Array(new Float32Array(60).buffer));
  writer.end();
  assert.throws(
    () => writer.write(new Uint8Array(4)),
    sottoError('bad-tensor', /not being written any more/),
  );
  assert.throws(() => writer.end(), sottoError('bad-tensor', /not being written any more/));
  assert.throws(() => model.beginTensor(request), sottoError('bad-tensor', /twice/));
  assert.throws(() => model.createSession(), sottoError('missing-tensor'));
  assert.throws(() => model.finish(), sottoError('missing-tensor'));
  assert.throws(() => finished.beginTensor(request), sottoError('bad-tensor', /finished/));
  model.dispose();
  assert.throws(() => model.beginTensor(request), sottoError('disposed'));
});

test('sessions check what they are given', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = sessionOf(model, [1, 2]);
  for (const none of NO_LISTS) {
    assert.throws(() => session.append(none), sottoError('bad-option', /ids is/));
    assert.throws(() => model.appendAll([{ session, ids: none }]), sottoError('bad-option', /ids is/));
    if (!(none instanceof DataView)) assert.throws(() => model.appendAll(none), sottoError('bad-option'));
    assert.throws(
      () => model.restoreSession(none),
      none instanceof DataView ? sottoError('bad-session') : sottoError('bad-option'),
    );
  }
  for (const none of [null, 1, 'x']) {
    assert.throws(() => session.append([1], none), sottoError('bad-option'));
    assert.throws(() => session.logProbabilities(1, none), sottoError('bad-option'));
    assert.throws(() => model.appendAll([none]), sottoError('bad-option'));
  }
  assert.throws(() => session.append([1], { alllogits: true }), sottoError('unknown-option', /allLogits\?/));
  assert.throws(() => session.append([1], { allLogits: 1 }), sottoError('bad-option'));
  assert.throws(() => model.appendAll([{ session, ids: [1], allLogits: 1 }]), sottoError('bad-option'));
  for (const value of NO_COUNTS.filter((each) => each !== undefined)) {
    assert.throws(() => session.truncate(value), sottoError('bad-option'));
    assert.throws(() => session.kv(value), sottoError('bad-option'));
    assert.throws(() => session.readKv(value), sottoError('bad-option'));
    assert.throws(() => session.logProbabilities(1, { row: value }), sottoError('bad-option'));
    assert.throws(() => session.logProbabilities(1, { alternatives: value }), sottoError('bad-option'));
    assert.throws(() => session.logProbabilities(value), sottoError('bad-token'));
  }
  for (const none of [null, undefined, 'hidden', ['nothing'], [1]]) {
    assert.throws(() => session.tap(none), sottoError('bad-option'));
  }
  assert.throws(
    () => engine.createModel(model.config, { weights: 'q5' }),
    sottoError('bad-option', /weights/),
  );
  assert.deepEqual([...session.tokens()], [1, 2]);
});
