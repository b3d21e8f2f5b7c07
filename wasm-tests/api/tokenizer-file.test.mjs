// A tokenizer.json that asks for endless work, on this thread and in a worker: it is refused, or it ends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { filesOf, load, sottoError, storiesPath } from './support.mjs';

const json = JSON.parse(readFileSync(`${storiesPath}/tokenizer.json`, 'utf8'));
// Of a class that takes the file as it is: GPT-2's makes its steps anew.
const withTokenizer = (changes) =>
  filesOf(storiesPath, {
    'tokenizer.json': { ...json, ...changes },
    'tokenizer_config.json': { tokenizer_class: 'PreTrainedTokenizerFast' },
  });
const before = (part) => ({
  pre_tokenizer: { type: 'Sequence', pretokenizers: [part, json.pre_tokenizer] },
});
const grow = { type: 'Replace', pattern: { String: 'l' }, content: 'llll' };

for (const worker of [false, true]) {
  test(`a pattern that backtracks without end is run to its end, worker: ${worker}`, async (t) => {
    const files = withTokenizer(
      before({ type: 'Split', pattern: { Regex: '(?:(?:a+)+)+b' }, behavior: 'Isolated', invert: false }),
    );
    const model = await load(t, files, { worker });
    const plain = await load(t, storiesPath, { worker });
    const text = `Hello ${'a'.repeat(40)}!`;
    assert.deepEqual(await model.encode(text), await plain.encode(text), 'no b, so nothing is split');
  });

  test(`a file that makes texts grow is refused when it does, worker: ${worker}`, async (t) => {
    const normalizer = { type: 'Sequence', normalizers: Array(14).fill(grow) };
    const model = await load(t, withTokenizer({ normalizer }), { worker });
    const refused = sottoError(
      'unsupported-tokenizer',
      /makes a text of 5 characters more than 64 times as long/,
    );
    await assert.rejects(model.generate('Hello', { maxNewTokens: 1 }).text(), refused);
    await assert.rejects(model.encode('Hello'), refused);
    await assert.rejects(model.score('Hello'), refused);
    assert.ok((await model.encode('Once upon')).length > 0, 'other calls work');
  });

  test(`a damaged tokenizer.json says where, worker: ${worker}`, async () => {
    const single = Array(5000).fill({ Sequence: { id: 'A', type_id: 0 } });
    const files = withTokenizer({ post_processor: { type: 'TemplateProcessing', single, pair: [] } });
    await assert.rejects(
      LanguageModel.load(files, { worker }),
      sottoError('bad-file', /^tokenizer\.json is damaged: post_processor\.single is a list of 5000/),
    );
  });
}

for (const worker of [false, true]) {
  test(`specialTokens: false, wherever text becomes tokens, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const text = 'a<|endoftext|>b';
    const [end] = await model.encode('<|endoftext|>'); // which texts begin with here, too
    const count = (tokens) => tokens.filter((id) => id === end).length;
    const [ids, plain] = [await model.encode(text), await model.encode(text, { specialTokens: false })];
    assert.deepEqual([count(ids), count(plain)], [2, 1]);
    assert.deepEqual(await model.encode(text, { specialTokens: true }), ids);
    assert.equal(await model.decode(plain), text);

    const options = { maxNewTokens: 3, temperature: 0, specialTokens: false };
    const expected = await model.generate(plain, options).result;
    assert.equal(expected.usage.promptTokens, plain.length);
    const generations = [model.generate(text, options), ...model.generateBatch([text, text], options)];
    for (const { result } of generations) {
      assert.equal((await result).usage.promptTokens, plain.length);
      assert.deepEqual((await result).tokenIds, expected.tokenIds);
    }
    const session = await model.createSession();
    await session.append(text, { specialTokens: false });
    assert.deepEqual([...(await session.tokens())], plain);
    const { tokens } = await model.score(text, { specialTokens: false });
    assert.deepEqual(
      tokens.map(({ tokenId }) => tokenId),
      plain,
    );
    assert.throws(
      () => session.generate({ specialTokens: false }),
      sottoError('bad-option', /give it to append/),
    );
  });
}

test('encode checks what it gets', async (t) => {
  const model = await load(t, storiesPath);
  await assert.rejects(model.encode('a', { specialTokens: 1 }), sottoError('bad-option', /specialTokens/));
  await assert.rejects(model.encode('a', { addSpecialTokens: 1 }), sottoError('unknown-option', /encode/));
  await assert.rejects(model.encode('a', true), sottoError('bad-option', /options/));
  assert.deepEqual(await model.encode('a\ud800b'), await model.encode('a\ufffdb'), 'half a character');
});
