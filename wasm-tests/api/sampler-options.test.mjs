// Every option of the sampler: what is refused, what is copied, what contradicts what, and what models can ask for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { readGenerationConfig } from '../../build/web/loading/generation-config.js';
import { resolveGenerateOptions } from '../../build/web/options/resolve-generate-options.js';
import { checkSamplerTokens } from '../../build/web/options/resolve-sampling.js';
import {
  CONFIG_NAMES,
  FILTERS,
  NEUTRAL_SAMPLER_OPTIONS,
  samplerChecks,
} from '../../build/web/options/sampler-options.js';
import { loadIntoEngine } from './engine-support.mjs';
import { fixturePath, load, sottoError } from './support.mjs';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const GREEDY = { ...NEUTRAL_SAMPLER_OPTIONS, maxNewTokens: 256, temperature: 0 };
const LARGE = { vocabSize: 2 ** 32, contextLength: 2 ** 32 }; // only the ranges of the options count
const resolve = (given, generationDefaults = GREEDY) => {
  const { options } = resolveGenerateOptions(
    { maxNewTokens: 2 ** 31, ...given },
    { generationDefaults, ...LARGE },
  );
  return options.sampler;
};

const WRONG_NUMBERS = [nan, infinity, -infinity, '1', null, true, 1n, [1], {}];
const WRONG_COUNTS = [...WRONG_NUMBERS, -1, 0.5, 2 ** 31];
const WRONG_LISTS = [
  1,
  '1',
  null,
  true,
  {},
  new Set([1]),
  [-1],
  [1.5],
  ['1'],
  [nan],
  [2 ** 31],
  [null],
  [1n],
];

/** Values at the ends of each range, and beyond them. */
const VALUES = {
  temperature: { good: [0, -0, 5e-324, 1, 3.4e38], bad: [-0.1, 3.5e38, ...WRONG_NUMBERS] },
  topK: { good: [0, 1, 2 ** 31 - 1], bad: WRONG_COUNTS },
  topP: {
    good: [1e-45, 0.5, 1],
    bad: [0, 7e-46, 1 + 1e-9, -0.1, 1.01, ...WRONG_NUMBERS.filter((value) => value !== 1)],
  },
  minP: { good: [0, 5e-324, 0.5, 1], bad: [-0.1, 1 + 1e-9, 1.01, ...WRONG_NUMBERS] },
  typicalP: { good: [1e-45, 0.5, 1], bad: [0, 7e-46, 1e-300, 5e-324, -0.1, 1.01, ...WRONG_NUMBERS] },
  epsilonCutoff: { good: [0, 5e-324, 0.5, 1 - 1e-7], bad: [-0.1, 1 - 1e-9, 1, ...WRONG_NUMBERS] },
  etaCutoff: { good: [0, 5e-324, 0.5, 1 - 1e-7], bad: [-0.1, 1 - 1e-9, 1, ...WRONG_NUMBERS] },
  logitBias: {
    good: [{}, { 0: 1, 5: -1e9 }, new Map([[3, 0.5]])],
    bad: [
      ...[1, '1', null, true, [], [1]],
      ...[{ '-1': 1 }, { 1.5: 1 }, { '01': 1 }, { a: 1 }, { [2 ** 31]: 1 }, new Map([['1', 1]])],
      ...[nan, infinity, -infinity, 1e39, '1', null, [1]].map((bias) => ({ 1: bias })),
    ],
  },
  repetitionPenalty: {
    good: [1e-45, 0.01, 1, 50, 3.4e38],
    bad: [0, -1, 7e-46, 3.5e38, 1e308, ...WRONG_NUMBERS],
  },
  frequencyPenalty: { good: [-2, 0, 2], bad: [-2.01, 2.01, ...WRONG_NUMBERS] },
  presencePenalty: { good: [-2, 0, 2], bad: [-2.01, 2.01, ...WRONG_NUMBERS] },
  noRepeatNgramSize: { good: [0, 1, 2 ** 31 - 1], bad: WRONG_COUNTS },
  badWords: {
    good: [[], [[1], [0, 2]], [Int32Array.of(1)]],
    bad: [...WRONG_LISTS, [1], [[]], [[1], [-1]], [['a']]],
  },
  minNewTokens: { good: [0, 1, 2 ** 31 - 1], bad: WRONG_COUNTS },
  forcedTokens: { good: [[], [1, 1], Int32Array.of(1, 2), Uint32Array.of(3)], bad: WRONG_LISTS },
  suppressTokens: { good: [[], [1, 1], Int32Array.of(1, 2)], bad: WRONG_LISTS },
  seed: { good: [0, 2 ** 53 - 1], bad: [-1, 0.5, 2 ** 53, ...WRONG_NUMBERS] },
};

test('the table below has every option', () => {
  assert.deepEqual(Object.keys(VALUES), Object.keys(samplerChecks));
});

for (const [name, { good, bad }] of Object.entries(VALUES)) {
  test(`${name} is taken in its range, and refused beyond it`, async () => {
    const engine = await Engine.create();
    for (const value of good) {
      resolve({ [name]: value });
      engine.createSampler({ [name]: value }).dispose();
    }
    for (const value of bad) {
      const isRefused = sottoError('bad-option', new RegExp(`${name}.*(is|are) .*must be`));
      const isText = name === 'badWords' && typeof value?.[0] === 'string'; // which generate turns into ids
      if (!isText) assert.throws(() => resolve({ [name]: value }), isRefused, String(value));
      assert.throws(() => engine.createSampler({ [name]: value }), isRefused, String(value));
    }
  });
}

test('whatever number an option takes, a generation ends with tokens or says why not', async (t) => {
  const model = await load(t, fixturePath('odd-8'), { worker: false });
  const edges = [
    5e-324,
    1e-300,
    7e-46,
    7.1e-46,
    1e-45,
    1.17e-38,
    1e-30,
    0.5,
    2 / 3,
    1 - 1e-9,
    1,
    1 + 1e-9,
    1.9,
  ];
  const large = [
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    1e30,
    3.4028235e38,
    3.5e38,
    1e308,
    infinity,
    nan,
  ];
  const values = [0, ...edges, ...large].flatMap((value) => [value, -value]);
  const ofSampling = Object.keys(VALUES).filter(
    (name) => !/Bias|Words|Tokens$/.test(name) || name === 'minNewTokens',
  );
  const others = ['maxTime', 'lengthPenalty', 'penaltyAlpha', 'logitBias'];
  let nTaken = 0;
  for (const name of [...ofSampling, ...others]) {
    for (const value of values) {
      const given = name === 'logitBias' ? { [name]: { 1: value } } : { [name]: value };
      const strategy = { lengthPenalty: { numBeams: 2 }, penaltyAlpha: { topK: 3 } }[name] ?? {};
      const draw = FILTERS.includes(name) && name !== 'temperature' ? { temperature: 0.9 } : {};
      const where = `${name} ${value}`;
      try {
        const options = {
          ...strategy,
          ...draw,
          ...given,
          maxNewTokens: name === 'minNewTokens' ? 2 ** 31 : 5,
        };
        const { tokenIds, sequences } = await model.generate([1, 2], options).result;
        assert.ok(tokenIds.length > 0 || name === 'maxTime', where);
        assert.ok(
          sequences.every(({ score = 0 }) => !Number.isNaN(score)),
          where,
        );
        nTaken++;
      } catch (error) {
        sottoError(
          'bad-option',
          new RegExp(`${name}.*(is|are) .*|nothing can be chosen: .* after ${name}`),
        )(error);
      }
    }
  }
  assert.ok(nTaken > 200, `${nTaken} were taken`);
  assert.equal((await model.generate([1, 2], { maxNewTokens: 3 }).result).tokenIds.length, 3);
});

test('lists are copied: the caller may write to them afterwards', () => {
  const given = { logitBias: { 1: 2 }, badWords: [[1, 2]], forcedTokens: [1], suppressTokens: [3] };
  const resolved = resolve(given);
  const before = structuredClone(resolved);
  given.logitBias[1] = 5;
  given.badWords[0][0] = 5;
  given.forcedTokens[0] = 5;
  given.suppressTokens.push(5);
  assert.deepEqual(resolved, before);
  assert.deepEqual(before.logitBias, new Map([[1, 2]]));
});

test('a filter or a seed asks for drawing, a processor does not', () => {
  assert.equal(resolve({}).temperature, 0);
  for (const name of FILTERS.filter((each) => each !== 'temperature')) {
    assert.equal(resolve({ [name]: 0.5 * Number(name !== 'topK') }).temperature, 1, name);
  }
  assert.equal(resolve({ seed: 0 }).temperature, 1);
  const processors = { repetitionPenalty: 1.2, badWords: [[1]], minNewTokens: 2, logitBias: { 1: 1 } };
  assert.equal(resolve(processors).temperature, 0);
  assert.equal(resolve({ topK: 3 }, { ...GREEDY, temperature: 0.7 }).temperature, 0.7);
});

test('a filter beside temperature 0 contradicts it, unless it is off', async () => {
  const engine = await Engine.create();
  const filters = { topK: 3, topP: 0.5, minP: 0.5, typicalP: 0.5, epsilonCutoff: 0.5, etaCutoff: 0.5 };
  assert.deepEqual(Object.keys(filters), FILTERS.slice(1));
  for (const [name, value] of Object.entries(filters)) {
    const contradicts = sottoError(
      'bad-option',
      new RegExp(`temperature is 0, .* ${name} is ${value}: leave ${name} out`),
    );
    assert.throws(() => resolve({ temperature: 0, [name]: value }), contradicts);
    assert.throws(() => engine.createSampler({ temperature: 0, [name]: value }), contradicts);
    assert.equal(resolve({ temperature: 0, [name]: NEUTRAL_SAMPLER_OPTIONS[name] }).temperature, 0);
  }
  const drawn = { ...GREEDY, temperature: 0.8, topK: 40 };
  const greedy = resolve({ temperature: 0, seed: 1 }, drawn);
  assert.deepEqual([greedy.temperature, greedy.topK], [0, 0], "the model's filters do not matter then");
  engine.createSampler(samplerOnly(greedy)).dispose();
});

/** Without the options that are no sampler's. */
function samplerOnly(options) {
  return Object.fromEntries(Object.keys(samplerChecks).map((name) => [name, options[name]]));
}

test('a token cannot be forced and suppressed', () => {
  const contradicts = sottoError('bad-option', /forcedTokens\[1\] is 7, which suppressTokens rules out/);
  assert.throws(() => resolve({ forcedTokens: [1, 7], suppressTokens: [7] }), contradicts);
  const { suppressTokens } = resolve({ forcedTokens: [1, 7] }, { ...GREEDY, suppressTokens: [7, 8] });
  assert.deepEqual(suppressTokens, [8], 'the model gives way');
});

test('ids in options are compared with the vocabulary', () => {
  const fits = { forcedTokens: [9], suppressTokens: [0], badWords: [[1, 9]], logitBias: { 9: 1 } };
  checkSamplerTokens(fits, 10);
  checkSamplerTokens({}, 10);
  checkSamplerTokens({ logitBias: new Map([[9, 1]]) }, 10);
  for (const [name, value] of [
    ...Object.entries(fits).filter(([name]) => name !== 'suppressTokens'),
    ['suppressTokens', [9]],
    ['logitBias', new Map([[9, 1]])],
  ]) {
    const isRefused = sottoError('bad-token', new RegExp(`${name} has the token 9; .* 0 to 8`));
    assert.throws(() => checkSamplerTokens({ [name]: value }, 9), isRefused);
  }
});

const defaultsOf = (json) => readGenerationConfig(json, {}).defaults;

test('generation_config.json can set every option that has a name there', () => {
  const processors = {
    sequence_bias: [
      [[5], 1.5],
      [[0], -2],
    ],
    repetition_penalty: 1.1,
    no_repeat_ngram_size: 3,
    bad_words_ids: [[1], [2, 3]],
    min_new_tokens: 4,
    suppress_tokens: [6, 7],
  };
  const filters = {
    temperature: 0.7,
    top_k: 20,
    top_p: 0.8,
    min_p: 0.05,
    typical_p: 0.95,
    epsilon_cutoff: 3e-4,
    eta_cutoff: 2e-3,
  };
  const names = Object.values(CONFIG_NAMES);
  assert.deepEqual(Object.keys({ ...filters, ...processors }).sort(), names.toSorted());
  const expected = {
    ...GREEDY,
    logitBias: new Map([
      [5, 1.5],
      [0, -2],
    ]),
    repetitionPenalty: 1.1,
    noRepeatNgramSize: 3,
    badWords: [[1], [2, 3]],
    minNewTokens: 4,
    suppressTokens: [6, 7],
  };
  assert.deepEqual(defaultsOf({ ...processors, ...filters }), expected, 'without do_sample');
  assert.deepEqual(defaultsOf({ ...processors, ...filters, do_sample: true }), {
    ...expected,
    temperature: 0.7,
    topK: 20,
    topP: 0.8,
    minP: 0.05,
    typicalP: 0.95,
    epsilonCutoff: 3e-4,
    etaCutoff: 2e-3,
  });
  const nulls = Object.fromEntries(names.map((name) => [name, null]));
  assert.deepEqual(defaultsOf({ ...nulls, do_sample: true }), { ...GREEDY, temperature: 1, topK: 50 });
});

test('what generation_config.json cannot ask for is refused', () => {
  const bad = [
    { sequence_bias: [[[5, 6], 1]] },
    { sequence_bias: [[5, 1]] },
    { sequence_bias: { 5: 1 } },
    { sequence_bias: [[[5], 'much']] },
    { bad_words_ids: [1] },
    { suppress_tokens: [-1] },
    { repetition_penalty: 0 },
    { min_new_tokens: 1.5 },
  ];
  for (const json of bad) {
    const [name] = Object.keys(json);
    const isRefused = sottoError(
      'bad-config',
      new RegExp(`generation_config.json: .*${name}.*delete the line`),
    );
    assert.throws(() => defaultsOf(json), isRefused, JSON.stringify(json));
  }
});

test('a sampler of the engine remembers what it chose, and what it is told', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  session.append([1, 2, 3]);
  const once = engine.createSampler({ noRepeatNgramSize: 1 });
  once.begin([1, 2, 3]);
  const chosen = Array.from({ length: 20 }, () => once.sample(session));
  assert.equal(new Set([1, 2, 3, ...chosen]).size, 23, 'no token twice');
  once.begin([]);
  const [first] = chosen.filter((id) => ![1, 2, 3].includes(id));
  once.accept(first);
  assert.notEqual(once.sample(session), first);
  once.begin([1, 2, 3]);
  assert.equal(once.sample(session), first, 'the history was forgotten');

  assert.throws(() => once.begin([0.5]), sottoError('bad-token', /promptIds\[0\] is 0.5/));
  assert.throws(() => once.accept(-1), sottoError('bad-token', /-1/));
  once.begin([1003]);
  assert.throws(() => once.sample(session), sottoError('bad-token', /1003; .* 0 to 1002/));
});

test("a generation goes by these options, and by the model's end tokens", async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const tokens = async (options) =>
    (await model.generate([5, 6], { maxNewTokens: 12, ...options }).result).tokenIds;
  const plain = await tokens({});
  assert.deepEqual((await tokens({ forcedTokens: [9, 8, 7] })).slice(0, 3), [9, 8, 7]);
  assert.ok(!(await tokens({ suppressTokens: [plain[0]] })).includes(plain[0]));
  assert.notDeepEqual((await tokens({ badWords: [plain.slice(0, 2)] })).slice(0, 2), plain.slice(0, 2));
  const once = await tokens({ noRepeatNgramSize: 1 });
  assert.equal(new Set([5, 6, ...once]).size, 14, 'the prompt counts');
  assert.equal((await tokens({ logitBias: { 1002: 1e6 } }))[0], 1002);
  const [end] = model.info.eosTokenIds;
  const biased = { logitBias: { [end]: 1e6 } };
  assert.deepEqual(await tokens(biased), [end]);
  const late = await tokens({ ...biased, minNewTokens: 4 });
  assert.deepEqual([late.length, late[4]], [5, end]);
  assert.throws(
    () => model.generate([5], { suppressTokens: [1003] }),
    sottoError('bad-token', /1003; .* 0 to 1002/),
  );
  const all = Array.from({ length: 1003 }, (_, id) => id);
  const nothing = model.generate([5], { suppressTokens: all }).result;
  await assert.rejects(nothing, sottoError('bad-option', /nothing can be chosen/));
  assert.deepEqual(await tokens({}), plain, 'the model lives on');
});

test('the engine says when the options leave nothing', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  session.append([1]);
  const all = Array.from({ length: 1003 }, (_, id) => id);
  const none = engine.createSampler({ suppressTokens: all, seed: 1 });
  assert.throws(() => none.sample(session), sottoError('bad-option', /nothing can be chosen/));
  const foreign = engine.createSampler({ suppressTokens: [1003] });
  assert.throws(() => foreign.sample(session), sottoError('bad-token', /1003; .* 0 to 1002/));
  const forced = engine.createSampler({ forcedTokens: [7, 9], minNewTokens: 1, endTokens: [7] });
  assert.deepEqual([forced.sample(session), forced.sample(session)], [7, 9]);
});
