// Every call is answered, exactly once, whatever is thrown and whatever structured clone refuses; what is not ours is not heard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { LanguageModel } from 'sotto';
import { isRequest, isResponse, PROTOCOL_VERSION, toMessage } from '../../build/web/protocol/messages.js';
import { fromWireError, toWireError } from '../../build/web/protocol/wire-error.js';
import { fixturePath, load, sottoError } from './support.mjs';

const model8 = fixturePath('odd-8');
const workerScript = new URL('../../dist/worker.js', import.meta.url).href;

/** A module whose function runs this. */
const processor = (body) => `data:text/javascript,${encodeURIComponent(`export default () => { ${body} }`)}`;

async function assertGenerates(model) {
  assert.equal((await model.generate([1], { maxNewTokens: 2 }).result).tokenIds.length, 2);
}

/** What a processor may throw, with the message that has to arrive. */
const THROWN = {
  'const e = new Error("cyclic"); e.cause = e; throw e;': 'cyclic',
  'const a = new Error("a"); const b = new Error("b", { cause: a }); a.cause = b; throw a;': 'a',
  'let e = new Error("deep"); for (let i = 0; i < 1e5; i++) e = new Error("deep", { cause: e }); throw e;':
    'deep',
  'throw "text";': 'text',
  'throw undefined;': 'undefined',
  'throw Symbol("s");': 'Symbol(s)',
  'throw () => 1;': '() => 1',
  'throw Object.create(null);': /.*/,
  'throw { get message() { throw 1; }, toString() { throw 2; } };': /.*/,
  'const e = new Error("x"); e.message = () => 1; throw e;': '() => 1',
  'const e = new Error("n"); e.name = Symbol("n"); e.stack = { a() {} }; throw e;': 'n',
  'const e = new Error("c", { cause: () => 1 }); throw e;': 'c',
  'throw new Proxy(new Error("p"), { get() { throw 1; }, getPrototypeOf() { throw 2; } });': /.*/,
  'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;': /.*/,
  'throw new AggregateError([new Error("one"), () => 2], "many");': 'many',
  'const e = new AggregateError([], "odd"); e.errors = 3; throw e;': 'odd',
  'throw new Error("long".repeat(1e6));': /^(long){2500}…$/,
  'throw new DOMException("dom", "DataCloneError");': 'dom',
};

for (const worker of [false, true]) {
  test(`whatever is thrown in the worker arrives, and the model lives, worker: ${worker}`, async (t) => {
    const model = await load(t, model8, { worker });
    for (const [body, message] of Object.entries(THROWN)) {
      const { result } = model.generate([1], { maxNewTokens: 2, logitsProcessor: processor(body) });
      const error = await result.then(
        () => assert.fail(body),
        (reason) => reason,
      );
      assert.ok(error instanceof Error, body);
      if (typeof message === 'string') assert.equal(error.message, message, body);
      else assert.match(error.message, message, body);
    }
    await assertGenerates(model);
  });
}

test('an error on the wire is plain data of bounded size that keeps codes, causes and parts', () => {
  let deep = new Error('end');
  for (let i = 0; i < 1e5; i++) deep = new Error(`${i}`, { cause: deep });
  const wide = new AggregateError(
    Array.from({ length: 1000 }, () => deep),
    'm'.repeat(1e6),
  );
  wide.cause = wide;
  for (const thrown of [deep, wide]) assert.ok(JSON.stringify(toWireError(thrown)).length < 16 * 25_000);

  const inner = Object.assign(new RangeError('inner'), { extra: 1 });
  const parts = new AggregateError([new TypeError('one'), 'two'], 'parts', { cause: inner });
  const back = fromWireError(structuredClone(toWireError(parts)));
  assert.ok(back instanceof AggregateError);
  assert.deepEqual(
    back.errors.map(({ name, message }) => [name, message]),
    [
      ['TypeError', 'one'],
      ['Error', 'two'],
    ],
  );
  assert.deepEqual(
    [back.cause.name, back.cause.message, back.cause.extra],
    ['RangeError', 'inner', undefined],
  );
  assert.equal(back.stack, parts.stack);
});

for (const [what, code, detail] of [
  ['refuses', 'unsupported-environment', 'no clone'],
  ['has no memory for', 'out-of-memory', 'Data cannot be cloned, out of memory.'],
]) {
  for (const type of ['event', 'result']) {
    test(`an ${type} that structured clone ${what} fails its call alone`, async (t) => {
      const model = await load(t, model8, { worker: false });
      const { postMessage } = MessagePort.prototype;
      const refused = [];
      t.mock.method(MessagePort.prototype, 'postMessage', function (message, ...rest) {
        if (message.type === type) {
          refused.push(message.id);
          throw new DOMException(detail, 'DataCloneError');
        }
        return postMessage.call(this, message, ...rest);
      });
      await assert.rejects(model.generate([1], { maxNewTokens: 2 }).result, sottoError(code, RegExp(detail)));
      if (type === 'result') await assert.rejects(model.memory(), sottoError(code, RegExp(detail)));
      assert.ok(refused.length > 0);
      assert.equal(new Set(refused).size, refused.length, 'after one failure nothing more is tried');
      t.mock.restoreAll();
      await assertGenerates(model);
    });
  }
}

test('parameters that cannot be sent are told, and nothing waits for an answer', async (t) => {
  const { postMessage } = MessagePort.prototype;
  t.mock.method(MessagePort.prototype, 'postMessage', function (message, ...rest) {
    if (message.type === 'load') throw new DOMException('it is detached', 'DataCloneError');
    postMessage.call(this, message, ...rest);
  });
  await assert.rejects(
    LanguageModel.load(model8),
    sottoError('unsupported-environment', /what was given could not be sent.*detached/),
  );
  t.mock.restoreAll();
  await assertGenerates(await load(t, model8));
});

const FOREIGN = [
  null,
  undefined,
  'ready',
  7,
  [],
  {},
  { type: 'result', id: 1 },
  { type: 'load', id: 1, params: {} },
  { type: 'event', id: 1, event: null },
  { sotto: 'yes', type: 'result', id: 1 },
  { sotto: PROTOCOL_VERSION, type: 'log', id: 1 },
  { sotto: PROTOCOL_VERSION, type: 'toString', id: 1, params: {} },
  { sotto: PROTOCOL_VERSION, type: 'generate', id: '1', params: {} },
  { sotto: PROTOCOL_VERSION, type: 'generate', id: 1, params: null },
  { sotto: PROTOCOL_VERSION, type: 'failed', id: 1, error: 'text' },
  { sotto: PROTOCOL_VERSION, type: 'failed', id: 1 },
  { sotto: PROTOCOL_VERSION, type: 'event', id: 1 },
  { sotto: PROTOCOL_VERSION, type: 'answer', id: 1, part: 0 },
  { sotto: PROTOCOL_VERSION, type: 'abort', id: 1 },
];

test('what is not of the protocol is no request and no response', () => {
  for (const message of FOREIGN) {
    assert.equal(isRequest(message), false, JSON.stringify(message));
    assert.equal(isResponse(message), false, JSON.stringify(message));
  }
  const request = toMessage({ type: 'abort', id: 1, part: 0 });
  assert.deepEqual([isRequest(request), isResponse(request)], [true, false]);
  const response = toMessage({ type: 'result', id: 1, result: null });
  assert.deepEqual([isRequest(response), isResponse(response)], [false, true]);
});

/** A worker of the caller's own that says all of that, too, and echoes whatever it hears. */
function talkativeWorker(t) {
  const script = `
    import { parentPort } from 'node:worker_threads';
    const say = () => { for (const message of ${JSON.stringify(FOREIGN)}) parentPort.postMessage(message); };
    say();
    await import(${JSON.stringify(workerScript)});
    parentPort.on('message', (message) => { say(); parentPort.postMessage(message); });
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
  t.after(() => worker.terminate());
  return worker;
}

test('messages of others are ignored on both sides', async (t) => {
  const worker = talkativeWorker(t);
  for (let i = 0; i < 2; i++) {
    const model = await LanguageModel.load(model8, { worker });
    for (const message of FOREIGN) worker.postMessage(message);
    await assertGenerates(model);
    await model.dispose();
  }
});

test('messages of others are no answer of a worker that is silent', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const listeners = [];
  const silent = {
    postMessage(message) {
      for (const data of [...FOREIGN, message, { ...message, type: 'result', id: message.id + 1 }]) {
        for (const listen of listeners) listen({ data });
      }
    },
    terminate() {},
    addEventListener: (type, listen) => type === 'message' && listeners.push(listen),
    removeEventListener() {},
  };
  const loading = LanguageModel.load(model8, { worker: silent });
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(30_000);
  await assert.rejects(loading, sottoError('unsupported-environment', /no answer for 30 s/));
});

test('a worker of another release is told', async () => {
  const listeners = [];
  const older = {
    postMessage: ({ id }) => {
      const data = { sotto: PROTOCOL_VERSION - 1, type: 'failed', id };
      for (const listen of listeners) listen({ data });
    },
    terminate() {},
    addEventListener: (type, listen) => type === 'message' && listeners.push(listen),
    removeEventListener() {},
  };
  await assert.rejects(
    LanguageModel.load(model8, { worker: older }),
    sottoError('unsupported-environment', /another release/),
  );
});

test('a worker answers a page of another release, so that this one can tell', async (t) => {
  const worker = new Worker(new URL(workerScript));
  t.after(() => worker.terminate());
  const answer = new Promise((resolve) => {
    worker.on('message', (message) => message.type !== 'ready' && resolve(message));
  });
  worker.postMessage({ ...toMessage({ type: 'memory', id: 5, params: {} }), sotto: PROTOCOL_VERSION + 1 });
  const { sotto, type, id } = await answer;
  assert.deepEqual({ sotto, type, id }, { sotto: PROTOCOL_VERSION, type: 'failed', id: 5 });
});
