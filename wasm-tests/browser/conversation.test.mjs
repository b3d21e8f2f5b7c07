// The tree of a chat's messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation } from '../../demo/chat/conversation.js';

const user = (content) => ({ role: 'user', content });
const answer = (content) => ({ role: 'assistant', content });
const said = (conversation) => conversation.path.map(({ message }) => message.content).join(' ');

function talk() {
  const conversation = new Conversation();
  const nodes = [user('a'), answer('b'), user('c'), answer('d')].map((message) =>
    conversation.add(conversation.last, message),
  );
  return { conversation, nodes };
}

test('messages stand one behind the other', () => {
  const { conversation, nodes } = talk();
  assert.equal(said(conversation), 'a b c d');
  assert.deepEqual(conversation.messagesTo(nodes[2]), [user('a'), answer('b'), user('c')]);
  assert.deepEqual(conversation.versions(nodes[1]), { at: 1, count: 1 });
});

test('an edited message begins a branch, and both can be had again', () => {
  const { conversation, nodes } = talk();
  const edited = conversation.add(nodes[2].parent, user('C'));
  assert.equal(said(conversation), 'a b C');
  assert.deepEqual(conversation.versions(edited), { at: 2, count: 2 });
  conversation.add(edited, answer('D'));
  conversation.turn(edited, -1);
  assert.equal(said(conversation), 'a b c d');
  conversation.turn(nodes[2], -1);
  assert.equal(said(conversation), 'a b c d', 'there is no version before the first');
  conversation.turn(nodes[2], 1);
  assert.equal(said(conversation), 'a b C D');
  assert.deepEqual(conversation.messagesTo(conversation.last), [
    user('a'),
    answer('b'),
    user('C'),
    answer('D'),
  ]);
});

test('the first message has versions, too', () => {
  const { conversation, nodes } = talk();
  const other = conversation.add(nodes[0].parent, user('A'));
  assert.equal(said(conversation), 'A');
  assert.deepEqual(conversation.versions(other), { at: 2, count: 2 });
});

test('what is taken out leaves the version before it', () => {
  const { conversation, nodes } = talk();
  const edited = conversation.add(nodes[2].parent, user('C'));
  conversation.remove(edited);
  assert.equal(said(conversation), 'a b c d');
  conversation.remove(nodes[0]);
  assert.equal(said(conversation), '');
  assert.equal(conversation.last, nodes[0].parent);
});
