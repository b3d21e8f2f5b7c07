import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LanguageModel } from 'sotto';
import {
  assertStillWorks,
  collect,
  fixturePath,
  load,
  sottoError,
  storiesContext,
  storiesPath,
} from './support.mjs';

let model;
before(async () => {
  model = await LanguageModel.load(storiesPath);
});
after(() => model.dispose());

const badOptions = [
  [{ maxNewTokens: 0 }, /maxNewTokens is 0; it must be a whole number from 1/],
  [{ maxNewTokens: 1.5 }, /maxNewTokens is 1.5/],
  [{ maxNewTokens: '5' }, /maxNewTokens is "5"/],
  [{ maxNewTokens: Number.NaN }, /maxNewTokens is NaN/],
  [{ maxNewTokens: Number.POSITIVE_INFINITY }, /maxNewTokens is Infinity/],
  [{ temperature: -0.1 }, /temperature is -0.1; it must be a number, 0 or more/],
  [{ temperature: Number.NaN }, /temperature is NaN/],
  [{ temperature: Number.POSITIVE_INFINITY }, /temperature is Infinity/],
  [{ temperature: null }, /temperature is null/],
  [{ topK: -1 }, /topK is -1; it must be a whole number from 0/],
  [{ topK: 2.5 }, /topK is 2.5/],
  [{ topK: 2 ** 31 }, /topK is 2147483648/],
  [{ topK: 5n }, /topK is 5n \(a bigint\)/],
  [{ topP: 0 }, /topP is 0; it must be a number above 0 and at most 1/],
  [{ topP: 1.01 }, /topP is 1.01/],
  [{ topP: Number.NaN }, /topP is NaN/],
  [{ topP: [0.5] }, /topP is an array/],
  [{ seed: -1 }, /seed is -1; it must be a whole number from 0/],
  [{ seed: 2 ** 53 }, /seed is 9007199254740992/],
  [{ seed: 'lucky' }, /seed is "lucky"/],
  [{ stop: '' }, /stop is ""; it must be a string, a RegExp or an array of them, no string empty/],
  [{ stop: ['a', ''] }, /stop is an array/],
  [{ stop: 5 }, /stop is 5/],
  [{ onToken: 'print' }, /onToken is "print"; it must be a function/],
  [{ signal: {} }, /signal is an object \(Object\); it must be an AbortSignal/],
  [null, /the options are null/],
  ['fast', /the options are "fast"/],
];
for (const [options, message] of badOptions) {
  test(`generate refuses the options ${describe(options)}`, async () => {
    assert.throws(() => model.generate('Once', options), sottoError('bad-option', message));
    await assertStillWorks(model);
  });
}

const unknownOptions = [
  ['temprature', /no option "temprature"; did you mean temperature\?/],
  ['top_k', /did you mean topK\?/],
  ['max_new_tokens', /did you mean maxNewTokens\?/],
  ['maxTokens', /did you mean maxNewTokens\?/],
  ['stops', /did you mean stop\?/],
  ['colour', /there are .*temperature, topK/],
  ['constructor', /there are /],
];
for (const [name, message] of unknownOptions) {
  test(`generate refuses the unknown option ${name}`, async () => {
    assert.throws(() => model.generate('Once', { [name]: 1 }), sottoError('unknown-option', message));
    assert.throws(() => model.generate('Once', { [name]: undefined }), sottoError('unknown-option', message));
    await assertStillWorks(model);
  });
}

test('an option that is undefined counts as left out', async () => {
  const options = {
    temperature: undefined,
    topK: undefined,
    seed: 3,
    stop: undefined,
    signal: undefined,
    maxNewTokens: 3,
  };
  const given = await model.generate('Once', options).result;
  assert.deepEqual(
    given.tokenIds,
    (await model.generate('Once', { seed: 3, maxNewTokens: 3 }).result).tokenIds,
  );
});

const badPrompts = [
  ['', 'empty-prompt', /at least one token/],
  [[], 'empty-prompt', /at least one token/],
  [new Uint8Array(), 'empty-prompt', /at least one token/],
  [[5, 2048], 'bad-token', /prompt\[1\] is 2048; .* 0 to 2047/],
  [[-1], 'bad-token', /prompt\[0\] is -1/],
  [[1.5], 'bad-token', /prompt\[0\] is 1.5/],
  [[Number.NaN], 'bad-token', /NaN/],
  [['1'], 'bad-token', /prompt\[0\] is "1"/],
  [[1n], 'bad-token', /prompt\[0\] is 1n \(a bigint\)/],
  [BigInt64Array.of(1n), 'bad-token', /bigint/],
  [[1, undefined, 2], 'bad-token', /prompt\[1\] is undefined/],
  [undefined, 'bad-option', /prompt is undefined; it must be a string or a list of token ids/],
  [null, 'bad-option', /prompt is null/],
  [42, 'bad-option', /prompt is 42/],
  [{ role: 'user' }, 'bad-option', /prompt is an object/],
  [new Set([1]), 'bad-option', /prompt is an object \(Set\)/],
];
for (const [prompt, code, message] of badPrompts) {
  test(`generate refuses the prompt ${describe(prompt)}`, async () => {
    assert.throws(() => model.generate(prompt), sottoError(code, message));
    await assertStillWorks(model);
  });
}

test('a prompt that leaves no room for an answer is refused, with the numbers', async () => {
  const ids = new Array(storiesContext).fill(11);
  const numbers = `${storiesContext} tokens.* ${storiesContext}.* ${storiesContext - 1} tokens or less`;
  const tooLong = sottoError('prompt-too-long', new RegExp(numbers));
  await assert.rejects(model.generate(ids).result, tooLong);
  await assert.rejects(model.generate(ids).text(), tooLong);
  await assert.rejects(collect(model.generate(ids)), tooLong);
  await assert.rejects(
    model.generate('Once upon a time. '.repeat(100)).result,
    sottoError('prompt-too-long'),
  );
  const { usage } = await model.generate(ids.slice(1)).result;
  assert.deepEqual(usage, {
    promptTokens: storiesContext - 1,
    cachedTokens: 0,
    completionTokens: 1,
    totalTokens: storiesContext,
  });
  await assertStillWorks(model);
});

test('a failed generation that nobody looks at is no unhandled rejection', async () => {
  const unhandled = [];
  const listen = (error) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  model.generate(new Array(storiesContext).fill(11));
  model.generate(new Array(storiesContext).fill(11)).text();
  await assertStillWorks(model);
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
});

test('text asked of a model without a tokenizer is refused', async (t) => {
  const plain = await load(t, fixturePath('odd-60'));
  const expected = sottoError('no-tokenizer', /tokenizer\.json/);
  await assert.rejects(plain.generate('Once').result, expected);
  await assert.rejects(plain.generate([1], { stop: 'x' }).result, expected);
  await assert.rejects(plain.encode('Once'), expected);
  await assert.rejects(plain.decode([1]), expected);
  assert.equal((await plain.generate([1], { maxNewTokens: 3 }).result).tokenIds.length, 3);
});

test('encode and decode check what they get', async () => {
  await assert.rejects(model.encode(5), sottoError('bad-option', /string/));
  await assert.rejects(model.decode('Once'), sottoError('bad-option', /list of token ids/));
  await assert.rejects(model.decode([2048]), sottoError('bad-token', /tokenIds\[0\] is 2048/));
  await assertStillWorks(model);
});

const badLoadOptions = [
  [{ worker: 'yes' }, /worker is "yes"; it must be true, false or a Worker/],
  [{ worker: {} }, /worker is an object/],
  [{ onProgress: true }, /onProgress is true/],
  [{ signal: 'now' }, /signal is "now"/],
  [{ wasm: 'simd.wasm' }, /wasm is "simd.wasm"; it must be \{ url \}/],
  [{ wasm: { url: 5 } }, /wasm is an object/],
  [{ memoryLimit: 0 }, /memoryLimit is 0; it must be a whole number from 1/],
  [{ memoryLimit: '1GB' }, /memoryLimit is "1GB"/],
];
for (const [options, message] of badLoadOptions) {
  test(`load refuses the options ${describe(options)}`, async () => {
    await assert.rejects(LanguageModel.load(storiesPath, options), sottoError('bad-option', message));
  });
}

test('load refuses unknown options and sources that are none', async () => {
  const misspelt = LanguageModel.load(storiesPath, { onprogress() {} });
  await assert.rejects(misspelt, sottoError('unknown-option', /did you mean onProgress\?/));
  for (const source of [undefined, null, 5, '', [], {}, new Uint8Array(4), [5], { 'config.json': 'text' }]) {
    await assert.rejects(LanguageModel.load(source), sottoError('bad-option', /source/), describe(source));
  }
});

function describe(value) {
  return JSON.stringify(value, (_, part) => {
    const isPlain =
      part === null || ['string', 'boolean', 'object'].includes(typeof part) || Number.isFinite(part);
    return isPlain ? part : `${String(part)} (${typeof part})`;
  });
}
