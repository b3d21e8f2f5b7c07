// Every strategy keeps to a form, and tokens that it leaves no choice for change nothing but the time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateFromPrompts, generateInSession } from '../../build/web/generation/generate.js';
import { SessionSlot } from '../../build/web/generation/session-slot.js';
import { resolveGenerateOptions } from '../../build/web/options/resolve-generate-options.js';
import { listener, modelOn } from './model-on.mjs';

const STRATEGIES = {
  greedy: { temperature: 0 },
  samples: { temperature: 1.2, seed: 5, numReturnSequences: 3 },
  'prompt lookup': { temperature: 0, promptLookup: {} },
  'prompt lookup of samples': { temperature: 0.7, seed: 1, promptLookup: {}, numReturnSequences: 2 },
  beams: { numBeams: 4, numReturnSequences: 2 },
  'contrastive search': { penaltyAlpha: 0.6, topK: 4 },
};
const PROMPT = [7, 3, 11, 3, 11, 3];
const END = 1;
const RUN = [2, 4, 6, 8, 10];

/** What may come next: a run goes to its end; elsewhere the sum with the last token is no multiple of 3, and a third ends. */
function nextOf(ids, vocabSize) {
  const at = RUN.indexOf(ids.at(-1));
  if (at >= 0 && at < RUN.length - 1) return [RUN[at + 1]];
  if (ids.length >= 40) return [END];
  const last = ids.at(-1) ?? 0;
  const free = Array.from({ length: vocabSize }, (_, id) => id);
  const isIn = (id) => id === RUN[0] || (!RUN.includes(id) && id !== END && (id + last) % 3 !== 0);
  return free.filter(isIn);
}

/** A constraint that notes how many of its kind there are. */
class TestConstraint {
  #ids;
  #form;
  #isOpen = true;
  constructor(form, ids = []) {
    this.#form = form;
    this.#ids = ids;
    form.nOpen++;
  }
  async mask() {
    assert.ok(this.#isOpen);
    this.#form.nMasks++;
    const words = new Uint32Array(Math.ceil(this.#form.vocabSize / 32));
    for (const id of nextOf(this.#ids, this.#form.vocabSize)) words[id >>> 5] |= 1 << (id & 31);
    return words;
  }
  forced() {
    const forced = [];
    for (;;) {
      const next = nextOf([...this.#ids, ...forced], this.#form.vocabSize);
      if (next.length > 1 || forced.includes(END)) return forced;
      forced.push(...next);
    }
  }
  accept(id) {
    assert.ok(this.#isOpen);
    if (!nextOf(this.#ids, this.#form.vocabSize).includes(id)) return false;
    this.#ids.push(id);
    return true;
  }
  rollback(count) {
    assert.ok(count <= this.#ids.length);
    this.#ids.length -= count;
  }
  async fork() {
    assert.ok(this.#isOpen);
    return new TestConstraint(this.#form, [...this.#ids]);
  }
  dispose() {
    if (this.#isOpen) this.#form.nOpen--;
    this.#isOpen = false;
  }
}

class TestForms {
  vocabSize = 0;
  nOpen = 0;
  nMasks = 0;
  async compile(format, limits) {
    assert.equal(format.type, 'test');
    assert.ok(limits.maxNewTokens > 0);
    return { start: async () => new TestConstraint(this) };
  }
}

async function modelWithForm(t, name = 'odd-60') {
  const forms = new TestForms();
  const on = await modelOn(t, name, { forms });
  forms.vocabSize = on.model.info.vocabSize;
  on.model.info = { ...on.model.info, eosTokenIds: [END] };
  const options = (given) => ({
    ...resolveGenerateOptions({ maxNewTokens: 48, ...given }, on.model.info).options,
    responseFormat: { type: 'test' },
  });
  return { ...on, forms, options };
}

/** Whether the tokens keep to the form, up to some length. */
function checkForm(tokenIds, vocabSize) {
  for (const [i, id] of tokenIds.entries()) {
    assert.ok(nextOf(tokenIds.slice(0, i), vocabSize).includes(id), `token ${i} of ${tokenIds}`);
  }
}

for (const [strategy, given] of Object.entries(STRATEGIES)) {
  test(`${strategy}: keeps to a form, with and without forced tokens at once, and frees what it makes`, async (t) => {
    const { model, forms, passes, options } = await modelWithForm(t);
    const answersWith = async (more) => {
      const { told, caller } = listener();
      passes.length = 0;
      await generateFromPrompts(model, [Int32Array.from(PROMPT)], options({ ...given, ...more }), [caller]);
      assert.equal(forms.nOpen, 0);
      const { sequences } = told.output;
      assert.equal(sequences.length, given.numReturnSequences ?? 1);
      for (const { tokenIds, finishReason } of sequences) {
        checkForm(tokenIds, forms.vocabSize);
        assert.equal(finishReason, 'end-token');
        assert.ok(tokenIds.length >= 40);
      }
      return { ids: sequences.map(({ tokenIds }) => tokenIds), nPasses: passes.length };
    };
    const atOnce = await answersWith({});
    const isAlone = strategy === 'beams'; // which tells no log-probabilities, and appends nothing at once
    const oneByOne = await answersWith(isAlone ? {} : { logprobs: 0 });
    assert.deepEqual(atOnce.ids, oneByOne.ids);
    const isOneOfThem = strategy !== 'beams' && strategy !== 'contrastive search';
    if (isOneOfThem && atOnce.ids.every((ids) => ids.includes(RUN[0])))
      assert.ok(atOnce.nPasses < oneByOne.nPasses);
    const few = await answersWith({ maxNewTokens: 41 });
    assert.equal(few.ids[0].length <= 41, true);
  });
}

test('forced tokens need no pass of their own, and no mask', async (t) => {
  const { model, forms, passes, options } = await modelWithForm(t);
  const bias = Object.fromEntries([[RUN[0], 1000]]);
  const run = async (more) => {
    const { told, caller } = listener();
    passes.length = 0;
    forms.nMasks = 0;
    await generateFromPrompts(model, [Int32Array.from(PROMPT)], options(more), [caller]);
    return { ...told.output, passes: [...passes], nMasks: forms.nMasks };
  };
  // A bias may rule tokens out, so each is chosen by itself; the same answer of a model that likes the run comes in few.
  const slow = await run({ temperature: 0, logitBias: bias });
  assert.deepEqual(slow.tokenIds.slice(0, 10), [...RUN, ...RUN]);
  assert.equal(slow.passes.length, slow.tokenIds.length);
  let fast;
  for (let seed = 0; !fast?.tokenIds.includes(RUN[0]); seed++) fast = await run({ temperature: 2, seed });
  const hasChoice = (_, i) => nextOf(fast.tokenIds.slice(0, i), forms.vocabSize).length > 1;
  assert.equal(
    fast.passes.reduce((sum, n) => sum + n, 0),
    PROMPT.length - fast.usage.cachedTokens + fast.tokenIds.map(hasChoice).lastIndexOf(true),
    'all is read once, but for the last token that was chosen and what it forces',
  );
  assert.ok(fast.passes.slice(1).some((n) => n > 1));
});

test('a batch: each text keeps to the form by itself', async (t) => {
  const { model, forms, options } = await modelWithForm(t);
  const prompts = [PROMPT, [5], [9, 9, 2]].map((ids) => Int32Array.from(ids));
  const given = options({ temperature: 1, seed: 3 });
  const callers = prompts.map(() => listener());
  const toCallers = (list) => list.map(({ caller }) => caller);
  await generateFromPrompts(model, prompts, given, toCallers(callers));
  assert.equal(forms.nOpen, 0);
  for (const [i, prompt] of prompts.entries()) {
    const alone = listener();
    await generateFromPrompts(model, [prompt], given, toCallers([alone]));
    assert.deepEqual(callers[i].told.output.tokenIds, alone.told.output.tokenIds);
    checkForm(alone.told.output.tokenIds, forms.vocabSize);
  }
});

test('a session has read all of a forced end, and goes on from there', async (t) => {
  const { model, forms, options } = await modelWithForm(t);
  const slot = new SessionSlot(1, model.backend.createSession());
  await model.backend.pass([{ session: slot.session, ids: PROMPT }]);
  const { told, caller } = listener();
  await generateInSession(model, slot, options({ temperature: 1, seed: 4 }), caller);
  assert.equal(forms.nOpen, 0);
  assert.deepEqual([...slot.session.tokens()], [...PROMPT, ...told.output.tokenIds]);
  const expected = model.backend.createSession();
  await model.backend.pass([{ session: expected, ids: slot.session.tokens() }]);
  assert.deepEqual(slot.session.logits(), expected.logits());
});

test('an abort frees the constraints, and so does an error', async (t) => {
  const { model, forms, options } = await modelWithForm(t);
  for (const given of Object.values(STRATEGIES)) {
    const controller = new AbortController();
    const { told, caller } = listener();
    caller.signal = controller.signal;
    setTimeout(() => controller.abort(), 1);
    await generateFromPrompts(model, [Int32Array.from(PROMPT)], options(given), [caller]);
    assert.equal(forms.nOpen, 0);
    checkForm(told.output.tokenIds, forms.vocabSize);
    const refused = generateFromPrompts(
      model,
      [Int32Array.from(PROMPT)],
      options({ ...given, suppressTokens: Array.from({ length: forms.vocabSize - 1 }, (_, id) => id + 1) }),
      [listener().caller],
    );
    await assert.rejects(refused, {
      code: 'bad-option',
      message: /nothing can be chosen.*the form of the answer/,
    });
    assert.equal(forms.nOpen, 0);
  }
});

test('a context that slides: the form goes on', async (t) => {
  const { model, forms, options } = await modelWithForm(t);
  const { contextLength } = model.info;
  const prompt = Int32Array.from({ length: contextLength - 8 }, (_, i) => (i * 7) % forms.vocabSize);
  const { told, caller } = listener();
  const given = options({ temperature: 1, seed: 4, overflow: 'slide' });
  await generateFromPrompts(model, [prompt], given, [caller]);
  checkForm(told.output.tokenIds, forms.vocabSize);
  assert.equal(told.output.finishReason, 'end-token');
});
