// The line of sotto/edge: messages arrive in order, in tasks of their own, as copies, as on a MessageChannel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyMessage } from '../../build/web/base/copy-message.js';
import { createChannel } from '../../build/web/base/message-channel-edge.js';

const task = () => new Promise((resolve) => setImmediate(resolve));

test('messages wait for a listener, and arrive one by one', async () => {
  const { port1, port2 } = createChannel();
  const seen = [];
  port1.postMessage(1);
  port1.postMessage(2);
  await task();
  port2.onmessage = ({ data }) => {
    seen.push(data);
    queueMicrotask(() => seen.push(`after ${data}`));
  };
  port1.postMessage(3);
  assert.deepEqual(seen, [], 'not before this task has ended');
  await task();
  await task();
  assert.deepEqual(seen, [1, 'after 1', 2, 'after 2', 3, 'after 3']);
});

test('both ends talk, listeners come and go, and nothing arrives on a closed line', async () => {
  const { port1, port2 } = createChannel();
  const seen = [];
  const listen = ({ data }) => seen.push(data);
  port1.addEventListener('message', listen);
  port2.postMessage('a');
  await task();
  assert.deepEqual(seen, [], 'it has not started');
  port1.start();
  await task();
  port1.removeEventListener('message', listen);
  port2.postMessage('b');
  await task();
  port1.addEventListener('message', listen);
  port2.postMessage('c');
  port1.close();
  port2.postMessage('d');
  await task();
  assert.deepEqual(seen, ['a']);
});

test('a message is a copy of what structured clone copies, and what is moved is the same', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  const moved = Float32Array.of(1, 2);
  const blob = new Blob(['x']);
  const list = [1, { deep: [bytes] }, undefined, null];
  const message = { list, again: list, moved, blob, __proto__: null, ids: Int32Array.of(7), n: 1n };
  message.self = message;
  const copy = copyMessage(message, [moved.buffer]);
  assert.deepEqual(copy.list, structuredClone(list));
  assert.notEqual(copy.list, list);
  assert.equal(copy.again, copy.list);
  assert.equal(copy.self, copy);
  assert.equal(copy.moved, moved);
  assert.equal(copy.blob, blob);
  assert.equal(copy.n, 1n);
  bytes.fill(9);
  message.ids.fill(9);
  assert.deepEqual([...copy.list[1].deep[0]], [2, 3]);
  assert.deepEqual(copy.ids, Int32Array.of(7));
});

test('names that mean something to objects are copied as names', () => {
  const copy = copyMessage(JSON.parse('{ "__proto__": { "a": 1 }, "constructor": 2 }'));
  assert.deepEqual(Object.keys(copy), ['__proto__', 'constructor']);
  assert.equal(copy.a, undefined);
});

test('functions and symbols cannot be sent', () => {
  for (const value of [() => {}, Symbol('s')])
    assert.throws(() => copyMessage({ deep: [value] }), /a (function|symbol) cannot be sent/);
});
