// Answers in a form through the public API: with every strategy, in batches, sessions and chats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatModel } from './chat-model.mjs';
import { aborted, assertStillWorks, collect, filesOf, load, sottoError, storiesPath } from './support.mjs';

const PROMPT = 'Once upon a time there was a little';
const SCHEMA = {
  type: 'object',
  properties: {
    name: { enum: ['Lily', 'Tom', 'Max the bear'] },
    age: { type: 'integer', minimum: 3, maximum: 12 },
    friends: { type: 'array', items: { type: 'string', pattern: '^[A-Z][a-z]{1,8}$' }, maxItems: 2 },
  },
  required: ['name', 'age', 'friends'],
  additionalProperties: false,
};
const CHILD = { type: 'json-schema', schema: SCHEMA };

function assertIsChild({ text, parsed, finishReason }) {
  assert.equal(finishReason, 'end-token');
  assert.deepEqual(JSON.parse(text), parsed);
  assert.deepEqual(Object.keys(parsed), ['name', 'age', 'friends']);
  assert.ok(SCHEMA.properties.name.enum.includes(parsed.name));
  assert.ok(Number.isInteger(parsed.age) && parsed.age >= 3 && parsed.age <= 12);
  assert.ok(parsed.friends.length <= 2);
  for (const friend of parsed.friends) assert.match(friend, /^[A-Z][a-z]{1,8}$/);
}

const STRATEGIES = {
  greedy: { temperature: 0 },
  samples: { temperature: 1.5, seed: 3, numReturnSequences: 3 },
  'prompt lookup': { temperature: 0, promptLookup: {} },
  beams: { numBeams: 3, numReturnSequences: 2 },
  'contrastive search': { penaltyAlpha: 0.6, topK: 4 },
  penalties: { temperature: 1, seed: 2, repetitionPenalty: 1.3, topP: 0.9 },
};

test('every strategy gives what the schema describes, and the value of it', async (t) => {
  const model = await load(t, storiesPath);
  for (const options of Object.values(STRATEGIES)) {
    const result = await model.generate(PROMPT, { ...options, responseFormat: CHILD }).result;
    assert.equal(result.sequences.length, options.numReturnSequences ?? 1);
    for (const sequence of result.sequences) assertIsChild(sequence);
    assert.deepEqual(result.parsed, result.sequences[0].parsed);
  }
});

test('the same text whether forced tokens are taken at once, are drafted, or have probabilities to tell', async (t) => {
  const model = await load(t, storiesPath);
  for (const seed of [1, 2, 3, 4]) {
    const options = { temperature: 1, seed, responseFormat: CHILD };
    const { text, tokenIds } = await model.generate(PROMPT, options).result;
    for (const more of [{ logprobs: 1 }, { promptLookup: {} }, { logitBias: { 5: 0.001 } }]) {
      const other = await model.generate(PROMPT, { ...options, ...more }).result;
      assert.deepEqual([other.text, other.tokenIds], [text, tokenIds], Object.keys(more)[0]);
    }
  }
});

test('pieces come as ever, and together are the text', async (t) => {
  const model = await load(t, storiesPath);
  const generation = model.generate(PROMPT, { temperature: 1, seed: 7, responseFormat: CHILD });
  const pieces = await collect(generation);
  const { text, tokenIds } = await generation.result;
  assert.equal(pieces.map((piece) => piece.text).join(''), text);
  assert.deepEqual(
    pieces.flatMap((piece) => piece.tokenIds),
    tokenIds,
  );
});

test('regular expressions, grammars, choices and any JSON', async (t) => {
  const model = await load(t, storiesPath);
  const forms = [
    [{ type: 'regex', pattern: '(Lily|Tom) (ran|sat)\\.' }, /^(Lily|Tom) (ran|sat)\.$/],
    [
      { type: 'grammar', grammar: 'root ::= animal " and " animal\nanimal ::= "cat" | "dog"' },
      /^(cat|dog) and (cat|dog)$/,
    ],
    [{ type: 'choice', options: ['yes', 'no', 'yes, but'] }, /^(yes|no|yes, but)$/],
  ];
  for (const [responseFormat, expected] of forms) {
    for (const seed of [1, 2, 3]) {
      const result = await model.generate(PROMPT, { seed, responseFormat }).result;
      assert.match(result.text, expected);
      assert.equal(result.finishReason, 'end-token');
      assert.ok(!('parsed' in result));
    }
  }
  const json = await model.generate(PROMPT, { seed: 1, maxNewTokens: 120, responseFormat: { type: 'json' } })
    .result;
  assert.match(json.text, /^[{[]/);
  assert.deepEqual(json.parsed, json.finishReason === 'end-token' ? JSON.parse(json.text) : null);
});

test('what does not come to its end has no value', async (t) => {
  const model = await load(t, storiesPath);
  const long = { type: 'json-schema', schema: { type: 'string', minLength: 900 } };
  const short = await model.generate(PROMPT, { seed: 1, maxNewTokens: 100, responseFormat: long }).result;
  assert.deepEqual([short.finishReason, short.parsed], ['length', null]);
  const stopped = await model.generate(PROMPT, { seed: 1, stop: '"age"', responseFormat: CHILD }).result;
  assert.deepEqual([stopped.finishReason, stopped.parsed], ['stop-string', null]);
  const generation = model.generate(PROMPT, {
    seed: 1,
    responseFormat: CHILD,
    onToken: () => generation.abort(),
  });
  const result = await aborted(generation);
  assert.deepEqual([result.finishReason, result.parsed], ['aborted', null]);
});

test('batches and sessions', async (t) => {
  const model = await load(t, storiesPath);
  const options = { temperature: 1, seed: 5, responseFormat: CHILD };
  const prompts = [PROMPT, 'One day', 'The dog'];
  const batch = await Promise.all(model.generateBatch(prompts, options).map(({ result }) => result));
  for (const [i, result] of batch.entries()) {
    assertIsChild(result);
    assert.equal(result.text, await model.generate(prompts[i], options).text());
  }
  const session = await model.createSession();
  await session.append(PROMPT);
  const fork = await session.fork();
  const result = await session.generate(options).result;
  assertIsChild(result);
  assert.equal(result.text, batch[0].text);
  assertIsChild(
    await fork.generate({ ...options, numBeams: 2, seed: undefined, temperature: undefined }).result,
  );
  assert.deepEqual([...(await session.tokens())].slice(-result.tokenIds.length), result.tokenIds);
});

test('chats: nothing but the form is said, and no marker', async (t) => {
  const model = await load(t, chatModel());
  const messages = [{ role: 'user', content: 'Hello' }];
  for (let seed = 0; seed < 6; seed++) {
    const responseFormat = { type: 'json-schema', schema: { type: 'string', maxLength: 12 } };
    const templateOptions = { enable_thinking: false };
    const options = { temperature: 1, seed, maxNewTokens: 200, responseFormat, templateOptions };
    const result = await model.chat(messages, options).result;
    assert.equal(result.finishReason, 'end-token');
    assert.equal(typeof result.parsed, 'string');
    assert.equal(result.message.content, result.text);
    assert.deepEqual(JSON.parse(result.text), result.parsed);
  }
  const session = await model.createSession();
  const answer = await session.chat(messages, {
    responseFormat: { type: 'choice', options: ['Hi', 'No'] },
    seed: 1,
  }).result;
  assert.match(answer.text, /^(Hi|No)$/);
  assert.equal((await session.messages()).at(-1).content, answer.text);
});

test('what cannot be kept to is refused before anything is read, and the model goes on', async (t) => {
  const model = await load(t, storiesPath);
  const wrong = [
    [{ type: 'json-schema', schema: { type: 'strnig' } }, /responseFormat\.schema\.type/],
    [{ type: 'json-schema', schema: { $ref: '#/$defs/nothing' } }, /responseFormat\.schema.*\$ref/],
    [{ type: 'regex', pattern: '(a)\\1' }, /responseFormat\.pattern/],
    [{ type: 'grammar', grammar: 'root ::= root "a"' }, /responseFormat never ends/],
    [{ type: 'xml' }, /responseFormat\.type/],
    ['json', /responseFormat is "json"/],
  ];
  for (const [responseFormat, message] of wrong) {
    const reads = [];
    const options = { responseFormat, onPrefillProgress: (progress) => reads.push(progress) };
    await assert.rejects(
      async () => model.generate(PROMPT, options).result,
      sottoError('bad-option', message),
    );
    assert.deepEqual(reads, []);
  }
  const tooLong = { maxNewTokens: 3, responseFormat: CHILD };
  await assert.rejects(model.generate(PROMPT, tooLong).result, sottoError('bad-option', /shortest answer/));
  const banned = { responseFormat: { type: 'choice', options: ['yes'] }, minNewTokens: 20 };
  await assert.rejects(
    model.generate(PROMPT, banned).result,
    sottoError('bad-option', /the form of the answer, with what else rules tokens out/),
  );
  await assertStillWorks(model);
});

test('a model without a tokenizer has no forms', async (t) => {
  const files = filesOf(storiesPath, { 'tokenizer.json': null, 'tokenizer_config.json': null });
  const model = await load(t, files);
  await assert.rejects(
    model.generate([1, 2], { responseFormat: { type: 'json' } }).result,
    sottoError('no-tokenizer', /responseFormat/),
  );
});

test('what the model itself forbids or forces gives way to the form', async (t) => {
  const config = {
    eos_token_id: 0,
    min_new_tokens: 60,
    no_repeat_ngram_size: 1,
    forced_eos_token_id: 0,
    max_new_tokens: 80,
  };
  const model = await load(t, filesOf(storiesPath, { 'generation_config.json': config }));
  const { text, finishReason } = await model.generate(PROMPT, {
    responseFormat: { type: 'regex', pattern: '(ha){10}' },
  }).result;
  assert.deepEqual([text, finishReason], ['ha'.repeat(10), 'end-token']);
});
