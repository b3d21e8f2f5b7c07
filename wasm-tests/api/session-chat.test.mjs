// session.chat: a conversation that is never read twice, that branches, and that an error leaves as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatModel, says, TOKENS } from './chat-model.mjs';
import { aborted, load, sottoError } from './support.mjs';

const user = (content) => ({ role: 'user', content });
const assistant = (content) => ({ role: 'assistant', content });

for (const worker of [false, true]) {
  test(`turns: messages, and what is read of them, worker: ${worker}`, async (t) => {
    const model = await load(t, chatModel(), { worker, prefixCache: 0 });
    const session = await model.createSession();
    // Byte by byte: not the tokens that the text would usually be.
    const forcedTokens = [...[...'Hello'].map((letter) => letter.charCodeAt(0)), TOKENS['<|im_end|>']];
    const first = await session.chat([{ role: 'system', content: 'S' }, user('One')], {
      forcedTokens,
      maxNewTokens: 20,
    }).result;
    assert.equal(first.usage.cachedTokens, 0);
    assert.equal(session.length, first.usage.totalTokens);
    const second = await session.chat('Two', await says(model, 'Hi')).result;
    const kept = first.usage.promptTokens + forcedTokens.length;
    assert.ok(second.usage.cachedTokens >= kept - 1, `${second.usage.cachedTokens} of ${kept}`);
    assert.deepEqual(await session.messages(), [
      { role: 'system', content: 'S' },
      user('One'),
      assistant('Hello'),
      user('Two'),
      assistant('Hi'),
    ]);
    // The same tokens as without a session, whatever was cached.
    const whole = await model.chat((await session.messages()).slice(0, 4), {
      temperature: 0,
      maxNewTokens: 6,
    }).result;
    const branch = await model.createSession();
    await branch.setMessages((await session.messages()).slice(0, 4));
    const again = await branch.chat([], { temperature: 0, maxNewTokens: 6 }).result;
    assert.deepEqual(again.tokenIds, whole.tokenIds);
  });
}

test('calls happen in the order in which they are asked for', async (t) => {
  const model = await load(t, chatModel());
  const session = await model.createSession();
  const said = await says(model, 'Hi');
  const [first, second] = [session.chat('One', said), session.chat('Two', said)];
  const fork = session.fork();
  await Promise.all([first.result, second.result]);
  assert.deepEqual(
    (await session.messages()).map(({ content }) => content),
    ['One', 'Hi', 'Two', 'Hi'],
  );
  assert.deepEqual(await (await fork).messages(), await session.messages());
});

test('branches: forks, edited messages, another answer to the same question', async (t) => {
  const model = await load(t, chatModel(), { prefixCache: 0 });
  const session = await model.createSession();
  await session.chat('One', await says(model, 'Hello')).result;
  const fork = await session.fork();
  const other = await fork.chat('Two', await says(model, 'Hi')).result;
  assert.ok(other.usage.cachedTokens > 10);
  assert.equal((await session.messages()).length, 2);
  await session.setMessages([user('One')]);
  const again = await session.chat([], await says(model, 'No')).result;
  assert.equal(
    again.usage.cachedTokens,
    again.usage.promptTokens - 1,
    'all but the last token, whose logits are wanted',
  );
  assert.deepEqual(await session.messages(), [user('One'), assistant('No')]);
  await session.setMessages([]);
  await assert.rejects(session.chat([]).result, sottoError('bad-option', /empty: give a message/));
  await session.chat({ role: 'user', content: 'Anew' }, await says(model, 'Hi')).result;
  assert.deepEqual(await session.messages(), [user('Anew'), assistant('Hi')]);
});

test('continueFinalMessage goes on with the answer that is there', async (t) => {
  const model = await load(t, chatModel());
  const session = await model.createSession();
  const cut = await session.chat('One', await says(model, 'Once ', { ends: false })).result;
  assert.equal(cut.finishReason, 'length');
  const { text } = await session.chat([], { continueFinalMessage: true, ...(await says(model, 'upon')) })
    .result;
  assert.equal(text, 'upon');
  assert.deepEqual(await session.messages(), [user('One'), assistant('Once upon')]);
});

test('an error leaves the conversation, an abort keeps what there was', async (t) => {
  const model = await load(t, chatModel());
  const session = await model.createSession();
  await session.chat('One', await says(model, 'Hi')).result;
  const before = [await session.messages(), await session.tokens()];
  const chatTemplate = "{{ raise_exception('no') }}";
  await assert.rejects(session.chat('Two', { chatTemplate }).result, sottoError('bad-template', /no/));
  await assert.rejects(
    session.chat('x'.repeat(2000), { maxNewTokens: 1 }).result,
    sottoError('prompt-too-long', /1024/),
  );
  const controller = new AbortController();
  controller.abort();
  await aborted(session.chat('Two', { signal: controller.signal }));
  assert.deepEqual([await session.messages(), await session.tokens()], before);

  const generation = session.chat('Two', {
    ...(await says(model, 'A long answer')),
    onToken: ({ text }) => text.includes('l') && generation.abort(),
  });
  const { message } = await aborted(generation);
  assert.match(message.content, /^A l/);
  assert.deepEqual((await session.messages()).slice(2), [user('Two'), message]);
  const next = await session.chat('Three', await says(model, 'Hi')).result;
  assert.ok(next.usage.cachedTokens > before[1].length);
});

test('a saved session goes on with its conversation', async (t) => {
  const model = await load(t, chatModel(), { prefixCache: 0 });
  const session = await model.createSession();
  await session.chat('One', await says(model, 'Hi')).result;
  const restored = await model.restoreSession(await session.save());
  await restored.setMessages(await session.messages());
  const { usage } = await restored.chat('Two', await says(model, 'Hi')).result;
  assert.ok(usage.cachedTokens >= session.length - 1);
  assert.throws(() => session.chat(3), sottoError('bad-option', /messages is 3/));
  await assert.rejects(session.setMessages('x'), sottoError('bad-option', /messages/));
  await session.dispose();
  assert.throws(() => session.chat('Two'), sottoError('disposed', /./));
});
