// The faults that the hub's stand-in can be told to have: each is what it says, where and as often as it says.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { ask, bodyOf, CONFIG, cdnOf, hasHeaders, hubFor, ID, WEIGHTS } from './hub-server/for-tests.mjs';

const SIZE = WEIGHTS.length;
const resolved = (path) => `/${ID}/resolve/main/${path}`;

/** A response as it comes, to its end or to where the connection ends: `{ status, headers, bytes, isWhole }`. */
function raw(address, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = get(address, { headers, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', () => {}); // 'aborted': the end comes as 'close' too
      response.on('close', () => {
        const bytes = new Uint8Array(Buffer.concat(chunks));
        resolve({
          status: response.statusCode,
          headers: response.headers,
          bytes,
          isWhole: response.complete,
        });
      });
    });
    request.on('error', reject);
  });
}

/** A hub, an address of its CDN, and a fault of its weights. */
async function faulty(t, fault) {
  const hub = await hubFor(t);
  const address = await cdnOf(hub);
  const rule = hub.faults.add({ path: 'model.safetensors', ...fault });
  return { hub, address, rule };
}

/** The answer is right again. */
async function isFine(address) {
  const response = await fetch(address);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-length'), String(SIZE));
  assert.deepEqual(await bodyOf(response), WEIGHTS);
}

for (const after of [0, 1, 65_536, 65_537, SIZE - 1]) {
  test(`cut after ${after} bytes`, async (t) => {
    const { hub, address } = await faulty(t, { kind: 'cut', after });
    const { status, headers, bytes, isWhole } = await raw(address);
    assert.deepEqual([status, headers['content-length'], isWhole], [200, String(SIZE), false]);
    assert.deepEqual(bytes, WEIGHTS.slice(0, after));
    const entry = hub.log.at(-1);
    assert.deepEqual([entry.bytesSent, entry.faults, entry.isFinished], [after, ['cut'], false]);
    await isFine(address);
  });
}

test('a cut counts the bytes of the body, not of the file; behind its end it does nothing', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'cut', after: 10, times: 2 });
  const { bytes, isWhole } = await raw(address, { range: 'bytes=100-199' });
  assert.deepEqual(bytes, WEIGHTS.slice(100, 110));
  assert.equal(isWhole, false);
  const whole = await raw(address, { range: 'bytes=100-109' });
  assert.deepEqual([whole.bytes.length, whole.isWhole], [10, true]);
  assert.deepEqual(hub.log.at(-1).faults, ['cut']);
});

test('a stall sends what it says, then nothing until the reader leaves', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'stall', after: 70_000 });
  const controller = new AbortController();
  const response = await fetch(address, { signal: controller.signal });
  let arrived = 0;
  const reading = (async () => {
    for await (const chunk of response.body) arrived += chunk.length;
  })();
  const winner = await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))]);
  assert.equal(winner, 'nothing');
  assert.deepEqual([arrived, hub.log.at(-1).bytesSent], [70_000, 70_000]);
  controller.abort();
  await assert.rejects(reading, { name: 'AbortError' });
  await isFine(address);
});

test('a hang sends nothing at all, and ends with the server', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'hang' });
  await assert.rejects(fetch(address, { signal: AbortSignal.timeout(60) }), { name: 'TimeoutError' });
  hub.faults.add({ kind: 'hang', on: 'info' });
  const waiting = assert.rejects(ask(hub, `/api/models/${ID}`), TypeError);
  while (hub.log.at(-1).kind !== 'info') await new Promise((resolve) => setTimeout(resolve, 5));
  await hub.close();
  await waiting;
});

test('a reset ends the connection before the headers', async (t) => {
  const { address } = await faulty(t, { kind: 'reset' });
  await assert.rejects(fetch(address), TypeError);
  await isFine(address);
});

test('slow is as slow as it says', async (t) => {
  const { address } = await faulty(t, { kind: 'slow', rate: 100_000 });
  const start = performance.now();
  const bytes = await bodyOf(fetch(address, { headers: { range: 'bytes=0-14999' } }));
  const ms = performance.now() - start;
  assert.deepEqual(bytes, WEIGHTS.slice(0, 15_000));
  assert.ok(ms > 140, `${ms} ms`);
});

test('a flipped byte and a zeroed range are where the file has them, of any part', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'flip', offset: 70_001, times: Infinity });
  hub.faults.add({ kind: 'flip', offset: 3, mask: 0x80, times: Infinity });
  hub.faults.add({ kind: 'zero', begin: 65_530, end: 65_540, times: Infinity });
  const expected = WEIGHTS.slice();
  expected[70_001] ^= 1;
  expected[3] ^= 0x80;
  expected.fill(0, 65_530, 65_540);
  assert.notDeepEqual(expected, WEIGHTS);
  for (const [begin, end] of [
    [0, SIZE],
    [3, 4],
    [65_535, 70_002],
    [70_002, 70_010],
  ]) {
    const response = await fetch(address, { headers: { range: `bytes=${begin}-${end - 1}` } });
    assert.deepEqual(await bodyOf(response), expected.slice(begin, end));
  }
  hub.faults.clear();
  await isFine(address); // the file itself is as it was
});

test('a short body says no more than it has, with a length or without', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'short', length: 1000 });
  const whole = await raw(address);
  assert.deepEqual([whole.status, whole.headers['content-length'], whole.isWhole], [200, '1000', true]);
  assert.deepEqual(whole.bytes, WEIGHTS.slice(0, 1000));
  hub.faults.add({ kind: 'short', length: 7, isChunked: true });
  const part = await raw(address, { range: 'bytes=50-99' });
  assert.deepEqual([part.status, part.headers['content-length'], part.isWhole], [206, undefined, true]);
  assert.equal(part.headers['content-range'], `bytes 50-99/${SIZE}`);
  assert.deepEqual(part.bytes, WEIGHTS.slice(50, 57));
});

test('a wrong total and a wrong begin are in Content-Range alone', async (t) => {
  const { hub, address, rule } = await faulty(t, { kind: 'wrong-total', total: 12 });
  await isFine(address);
  assert.equal(rule.hits, 0); // no range, no total
  const headers = { range: 'bytes=5-8' };
  const total = await fetch(address, { headers });
  assert.deepEqual([total.status, total.headers.get('content-range')], [206, 'bytes 5-8/12']);
  assert.deepEqual(await bodyOf(total), WEIGHTS.slice(5, 9));
  hub.faults.add({ kind: 'wrong-total', shift: 2 });
  assert.equal((await fetch(address, { headers })).headers.get('content-range'), `bytes 7-10/${SIZE}`);
  assert.equal((await fetch(address, { headers })).headers.get('content-range'), `bytes 5-8/${SIZE}`);
});

test('a range can be ignored, or be refused', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'ignores-range' });
  const headers = { range: 'bytes=5-8' };
  const ignored = await fetch(address, { headers });
  assert.deepEqual([ignored.status, ignored.headers.get('content-range')], [200, null]);
  assert.deepEqual(await bodyOf(ignored), WEIGHTS);
  hub.faults.add({ kind: '416', path: 'model.safetensors' });
  await isFine(address);
  const refused = await fetch(address, { headers });
  assert.deepEqual([refused.status, refused.headers.get('content-range')], [416, `bytes */${SIZE}`]);
  assert.equal((await fetch(address, { headers })).status, 206);
});

test('gzip without a length comes to who did not ask for it', async (t) => {
  const { address } = await faulty(t, { kind: 'gzip', times: 2 });
  const { status, headers, bytes } = await raw(address, { range: 'bytes=5-8' });
  assert.equal(status, 200);
  assert.equal(headers['content-encoding'], 'gzip');
  assert.equal(headers['content-length'], undefined);
  assert.deepEqual(new Uint8Array(gunzipSync(bytes)), WEIGHTS);
  assert.deepEqual(await bodyOf(fetch(address)), WEIGHTS); // fetch unpacks it
});

test('an error and a page come as if they were the file', async (t) => {
  const { hub, address } = await faulty(t, { kind: 'json-error' });
  const error = await fetch(address);
  assert.deepEqual(
    [error.status, error.headers.get('content-type')],
    [200, 'application/json; charset=utf-8'],
  );
  assert.match((await error.json()).error, /^We had to rate limit your IP/);
  hub.faults.add({ kind: 'html', path: 'config.json' });
  const page = await ask(hub, resolved('config.json'));
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  assert.match(await page.text(), /^<!doctype html>/);
});

test('redirects go round for ever, and a loop counts once', async (t) => {
  const hub = await hubFor(t);
  const { href } = new URL(resolved('config.json'), hub.endpoint);
  for (const address of [href, await cdnOf(hub)]) {
    const rule = hub.faults.add({ kind: 'redirect-loop' });
    await assert.rejects(fetch(address), (error) => /redirect count/.test(error.cause?.message));
    assert.equal(rule.hits, 1);
    assert.equal(hub.log.at(-1).status, 302);
    assert.equal((await fetch(address)).status, 200);
  }
});

test('a status comes with what the hub says with it, or with what it is told to say', async (t) => {
  const hub = await hubFor(t);
  const limited = 'We had to rate limit your IP (127.0.0.1). Wait, or log in.';
  for (const [fault, path, headers, body] of [
    [{ status: 429, rateLimitT: 1 }, resolved('config.json'), { ratelimit: '"resolvers";r=0;t=1' }, limited],
    [
      { status: 429, rateLimitT: 9, retryAfter: 2 },
      `/api/models/${ID}`,
      { ratelimit: '"api";r=0;t=9', 'retry-after': '2' },
      JSON.stringify({ error: limited }),
    ],
    [{ status: 429, retryAfter: 3 }, resolved('config.json'), { 'retry-after': '3' }, limited],
    [{ status: 503, retryAfter: 0 }, resolved('config.json'), { 'retry-after': '0' }, 'Service Unavailable'],
    [
      { status: 500 },
      resolved('config.json'),
      { 'retry-after': null, 'x-error-code': null },
      'Internal Server Error',
    ],
    [{ status: 404 }, resolved('config.json'), { 'x-error-code': 'EntryNotFound' }, 'Entry not found'],
    [{ status: 401 }, resolved('config.json'), { 'www-authenticate': /^Bearer realm=/ }, /^Invalid username/],
    [
      { status: 403, code: 'GatedRepo', message: 'no', headers: { 'x-more': '1' } },
      resolved('config.json'),
      { 'x-error-code': 'GatedRepo', 'x-error-message': 'no', 'x-more': '1' },
      'no',
    ],
  ]) {
    hub.faults.add({ kind: 'status', ...fault });
    const response = await ask(hub, path);
    assert.equal(response.status, fault.status);
    hasHeaders(response, headers);
    const text = await response.text();
    if (body instanceof RegExp) assert.match(text, body);
    else assert.equal(text, body);
  }
  const address = await cdnOf(hub);
  hub.faults.add({ kind: 'status', status: 503, on: 'cdn' });
  hub.faults.add({ kind: 'expired' });
  assert.equal((await ask(hub, resolved('empty.txt'))).status, 307);
  const unavailable = await fetch(address);
  assert.deepEqual([unavailable.status, unavailable.headers.get('x-error-message')], [503, null]);
  const expired = await fetch(address);
  assert.equal(expired.status, 403);
  assert.match(await expired.text(), /Request has expired/);
  await isFine(address);
});

test('a file spelt in other letters is absent', async (t) => {
  const { hub, rule } = await faulty(t, { kind: 'case' });
  const absent = await ask(hub, resolved('model.safetensors'));
  assert.deepEqual([absent.status, absent.headers.get('x-error-code')], [404, 'EntryNotFound']);
  assert.equal(rule.hits, 1);
  assert.equal((await ask(hub, resolved('Model.safetensors'))).status, 404); // by itself
  assert.equal((await ask(hub, resolved('model.safetensors'))).status, 302);
});

test('main moves between two requests', async (t) => {
  const hub = await hubFor(t);
  const files = { 'config.json': '{"new":1}', 'model.safetensors': WEIGHTS.slice(1) };
  hub.faults.add({ kind: 'move', path: 'model.safetensors', on: 'resolve', files });
  const before = await ask(hub, resolved('config.json'));
  const after = await ask(hub, resolved('model.safetensors'));
  const [old, now] = [before, after].map(({ headers }) => headers.get('x-repo-commit'));
  assert.notEqual(now, old);
  assert.equal(hub.commitOf(ID), now);
  assert.equal(after.headers.get('x-linked-size'), String(SIZE - 1));
  assert.deepEqual(await bodyOf(fetch(after.headers.get('location'))), WEIGHTS.slice(1));
  const pinned = await fetch(`${hub.endpoint}/${ID}/resolve/${old}/model.safetensors`);
  assert.deepEqual(await bodyOf(pinned), WEIGHTS);
  assert.equal(await (await fetch(hub.endpoint + resolved('config.json'))).text(), '{"new":1}');
});

test('faults are taken once, some times, always, after some, and where they are meant', async (t) => {
  const hub = await hubFor(t);
  const statuses = async (path, count, headers = {}) => {
    const all = [];
    for (let i = 0; i < count; i++) all.push((await ask(hub, path, { headers })).status);
    return all;
  };
  const config = resolved('config.json');
  hub.faults.add({ kind: 'status', status: 500 });
  assert.deepEqual(await statuses(config, 3), [500, 307, 307]);
  hub.faults.add({ kind: 'status', status: 500, times: 2, skip: 1 });
  assert.deepEqual(await statuses(config, 5), [307, 500, 500, 307, 307]);
  const always = hub.faults.add({ kind: 'status', status: 500, times: Infinity, path: 'config.json' });
  assert.deepEqual(await statuses(config, 4), [500, 500, 500, 500]);
  assert.deepEqual(await statuses(resolved('empty.txt'), 1), [307]);
  assert.equal(always.hits, 4);
  always.remove();
  assert.deepEqual(await statuses(config, 1), [307]);
  hub.faults.add({ kind: 'status', status: 502, path: /\/tree\// });
  hub.faults.add({ kind: 'status', status: 503, on: ['info', 'raw'] });
  hub.faults.add({ kind: 'status', status: 504, repo: 'owner/none' });
  hub.faults.add({ kind: 'status', status: 408, where: ({ headers }) => headers['x-a'] === 'b' });
  assert.deepEqual(await statuses(config, 1), [307]);
  assert.deepEqual(await statuses(`/api/models/${ID}/tree/main`, 2), [502, 200]);
  assert.deepEqual(await statuses(`/api/models/${ID}`, 2), [503, 200]);
  assert.deepEqual(await statuses('/owner/none/resolve/main/x', 2), [504, 401]);
  assert.deepEqual(await statuses(config, 2, { 'x-a': 'b' }), [408, 307]);
  hub.faults.add({ kind: 'status', status: 500, times: Infinity });
  hub.faults.clear();
  assert.deepEqual(await statuses(config, 1), [307]);
  assert.throws(() => hub.faults.add({ kind: 'cuts' }), /no fault 'cuts'/);
});

test('faults of bodies are those of files, or of what they name; several work together', async (t) => {
  const hub = await hubFor(t);
  hub.faults.add({ kind: 'cut', after: 5 });
  assert.equal((await (await ask(hub, `/api/models/${ID}`)).json()).id, ID);
  assert.equal((await ask(hub, resolved('config.json'))).status, 307);
  await assert.rejects(bodyOf(fetch(hub.endpoint + resolved('config.json'))));
  assert.equal(await (await fetch(hub.endpoint + resolved('config.json'))).text(), CONFIG);
  hub.faults.add({ kind: 'cut', after: 5, on: 'tree' });
  const { bytes } = await raw(`${hub.endpoint}/api/models/${ID}/tree/main`);
  assert.equal(Buffer.from(bytes).toString(), '[{"ty');
  hub.faults.add({ kind: 'flip', offset: 1 });
  hub.faults.add({ kind: 'cut', after: 2 });
  const both = await raw(await cdnOf(hub));
  assert.deepEqual(both.bytes, Uint8Array.of(WEIGHTS[0], WEIGHTS[1] ^ 1));
  assert.deepEqual(hub.log.at(-1).faults, ['flip', 'cut']);
  hub.faults.add({ kind: 'cut', after: 2, times: Infinity });
  const head = await fetch(await cdnOf(hub), { method: 'HEAD' });
  assert.deepEqual([head.status, hub.log.at(-1).faults.length], [200, 0]); // there is no body
});

/** The addresses of redirects, which are bodies too, differ in length. */
const lineOf = ({ kind, status, bytesSent, faults }) =>
  [kind, status, kind === 'resolve' ? '' : bytesSent, faults].join(' ');

/** What comes of requests, as texts, under random faults. */
async function outcomes(t, seed, count, probability, options) {
  const files = { 'config.json': CONFIG, 'model.safetensors': WEIGHTS.slice(0, 4000) };
  const hub = await hubFor(t, { repos: { [ID]: { files } }, gzipFrom: Infinity });
  const stream = hub.randomFaults(seed, probability, options);
  const all = [];
  for (let i = 0; i < count; i++) {
    const headers = i % 4 < 2 ? { range: `bytes=${i}-${i + 3000}` } : {};
    const path = i % 2 === 0 ? 'config.json' : 'model.safetensors';
    hub.log.length = 0;
    await fetch(hub.endpoint + resolved(path), { headers })
      .then((response) => response.arrayBuffer())
      .catch(() => {});
    all.push(hub.log.map(lineOf).join('; '));
  }
  return { all, counts: stream.counts, hub, stream };
}

test('random faults are the same for the same seed, of every kind, and as likely as they are said to be', async (t) => {
  const where = ({ kind }) => kind !== 'resolve';
  const first = await outcomes(t, 5, 80, 0.75, { where });
  const second = await outcomes(t, 5, 80, 0.75, { where });
  assert.deepEqual(second.all, first.all);
  assert.deepEqual(second.counts, first.counts);
  const other = await outcomes(t, 6, 10, 0.75, { where });
  assert.notDeepEqual(other.all, first.all.slice(0, 10));
  const kinds = Object.keys(first.counts).sort();
  assert.deepEqual(kinds, [
    '416',
    'cut',
    'expired',
    'flip',
    'gzip',
    'html',
    'ignores-range',
    'json-error',
    'redirect-loop',
    'reset',
    'short',
    'status',
    'wrong-total',
    'zero',
  ]);
  const total = Object.values(first.counts).reduce((sum, n) => sum + n);
  assert.ok(total > 48 && total < 72, `${total} of 80`);
  first.stream.remove();
  await bodyOf(fetch(first.hub.endpoint + resolved('config.json')));
  assert.deepEqual(first.hub.log.at(-1).faults, []);
});

test('random faults are of the kinds and the requests that are asked for', async (t) => {
  const where = ({ file }) => file === 'config.json';
  const { all, counts } = await outcomes(t, 3, 30, 1, { kinds: ['flip', 'slow'], where });
  assert.deepEqual(Object.keys(counts).sort(), ['flip', 'slow']);
  assert.equal(counts.flip + counts.slow, 15);
  for (const [i, line] of all.entries()) assert.equal(/flip|slow/.test(line), i % 2 === 0, line);
});
