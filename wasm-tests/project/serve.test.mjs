// The demo's server answers whatever it is asked, and lives on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { rangeOf } from '../../tools/lib/static-files.mjs';
import { startServer } from '../../tools/serve.mjs';

const FILE = 'models/tiny-stories/config.json';
const file = readFileSync(new URL(`../../demo/${FILE}`, import.meta.url));

let server;
before(async () => {
  const throws = () => {
    throw new Error('a handler that throws');
  };
  const rejects = async () => throws();
  server = await startServer({ port: 0, routes: { '/throws/': throws, '/rejects/': rejects } });
});
after(() => server.close());

/** Asks with a target that no client would send, and headers of one's own. */
function ask(path, { method = 'GET', headers = {} } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    });
    request.on('error', reject).end();
  });
}

/** Sends bytes that are no request; resolves with the first line of the answer, '' where there is none. */
function send(bytes) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text.split('\r\n', 1)[0]));
  });
}

async function assertLives() {
  const { status, body } = await ask(`/${FILE}`);
  assert.equal(status, 200);
  assert.deepEqual(body, file);
}

test('files come whole, with their type, length and the headers of isolation', async () => {
  const { status, headers, body } = await ask(`/${FILE}?x=1`);
  assert.equal(status, 200);
  assert.deepEqual(body, file);
  assert.equal(headers['content-length'], String(file.length));
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['accept-ranges'], 'bytes');
  assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
  const types = { '/': /^text\/html/, '/icon.svg': /svg/, '/sotto/index.js': /^text\/javascript/ };
  for (const [path, type] of Object.entries(types))
    assert.match((await ask(path)).headers['content-type'], type);
  assert.equal((await ask('/sotto/wasm/simd.wasm')).headers['content-type'], 'application/wasm');
  const head = await ask(`/${FILE}`, { method: 'HEAD' });
  assert.deepEqual(
    [head.status, head.headers['content-length'], head.body.length],
    [200, String(file.length), 0],
  );
});

const n = file.length;
const RANGES = [
  ['bytes=0-0', 206, 0, 1],
  ['bytes=10-19', 206, 10, 20],
  ['bytes=10-', 206, 10, n],
  ['bytes=-5', 206, n - 5, n],
  [`bytes=-${n + 100}`, 206, 0, n],
  [`bytes=5-${n + 100}`, 206, 5, n],
  ['bytes=0-99999999999999999999999', 206, 0, n],
  [' Bytes = 3 - 4 ', 206, 3, 5],
  ['bytes=10-5', 416],
  ['bytes=-0', 416],
  [`bytes=${n}-`, 416],
  ['bytes=99999999999999999999999-', 416],
  ['bytes=abc', 416],
  ['bytes=-', 416],
  ['bytes=', 416],
  ['bytes=1-2-3', 416],
  ['bytes=--5', 416],
  ['bytes=1e1-', 416],
  ['bytes=0-1,5-6', 200, 0, n], // several parts, and other units, may be passed over
  ['lines=1-2', 200, 0, n],
  ['nonsense', 200, 0, n],
];
for (const [range, status, begin, end] of RANGES) {
  test(`Range: ${range} gives ${status}`, async () => {
    const answer = await ask(`/${FILE}`, { headers: { range } });
    assert.equal(answer.status, status);
    if (status === 416) {
      assert.equal(answer.headers['content-range'], `bytes */${n}`);
    } else {
      assert.deepEqual(answer.body, file.subarray(begin, end));
      const told = status === 206 ? `bytes ${begin}-${end - 1}/${n}` : undefined;
      assert.equal(answer.headers['content-range'], told);
    }
    await assertLives();
  });
}

test('an empty file has no part', () => {
  for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) assert.equal(rangeOf(range, 0), 'none');
  assert.equal(rangeOf(undefined, 0), 'whole');
});

const TARGETS = [
  ['/nothing-here', 404],
  ['/models', 404], // a folder without index.html
  ['/models/', 404],
  ['/index.html/', 404],
  ['/index.html/x', 404],
  [`/${'a'.repeat(300)}`, 404], // longer than any file's name
  [`/${'a/'.repeat(1500)}`, 414],
  ['/%zz', 400],
  ['/%', 400],
  ['/%e0%a4%a', 400],
  ['/%00', 400],
  ['/index.html%00.js', 400],
  ['/%0d%0aX: y', 400],
  ['/../package.json', 400],
  ['/sotto/../../package.json', 400],
  ['/%2e%2e/package.json', 400],
  ['/..%2fpackage.json', 400],
  ['/sotto/..%5c..%5cpackage.json', 400],
  ['*', 400],
  ['index.html', 400],
  ['//', 200], // the demo: an empty segment is none
  ['http://elsewhere.example/index.html', 200],
  ['/throws/x', 500],
  ['/rejects/x', 500],
];
for (const [target, status] of TARGETS) {
  test(`${target.slice(0, 40)} gives ${status}`, async (t) => {
    t.mock.method(console, 'error', () => {});
    const path = target.replaceAll(' ', '%20');
    assert.equal((await ask(path)).status, status);
    await assertLives();
  });
}

test('other methods are refused, with those that there are', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
    const { status, headers } = await ask('/index.html', { method });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
  }
  await assertLives();
});

test('what is no request, and who leaves early, ends nothing', async () => {
  assert.match(await send('nonsense\r\n\r\n'), /400/);
  assert.match(await send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(1 << 16)}\r\n\r\n`), /431|^$/);
  assert.match(await send('GET / HTTP/1.1\r\n\r\n'), /400/); // no Host
  const { hostname, port } = new URL(server.url);
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => {
      const request = httpRequest(
        { hostname, port, path: '/models/tiny-stories/model.safetensors' },
        (response) => {
          response.once('data', () => request.destroy());
          response.on('error', () => {});
        },
      );
      request
        .on('error', () => {})
        .on('close', resolve)
        .end();
    });
  }
  await assertLives();
});
