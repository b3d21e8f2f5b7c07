import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HttpClient } from '../../build/web/sources/http.js';
import { openRequired } from '../../build/web/sources/source.js';
import { UrlSource } from '../../build/web/sources/url.js';
import { readToEnd } from './conformance.mjs';
import { serve } from './file-server.mjs';

/** What fails is not tried again. */
const once = (address) => new UrlSource(address, new HttpClient({ retries: 0 }));

const BODY = new Uint8Array(300_000).fill(5);

test('names are escaped, and the query of the folder goes with every file', async (t) => {
  const asked = [];
  const address = await serve(t, (request, response) => {
    asked.push(request.url);
    response.end('x');
  });
  for (const folder of [`${address}/a%20b?token=a%2Fb&x`, `${address}/a b/?token=a%2Fb&x#top`]) {
    const source = new UrlSource(folder);
    await readToEnd(await source.open('sub dir/x?#%.json'));
    assert.equal(asked.at(-1), '/a%20b/sub%20dir/x%3F%23%25.json?token=a%2Fb&x');
  }
});

for (const status of [404, 410]) {
  test(`HTTP ${status} means absent, and the message says so`, async (t) => {
    const address = await serve(t, (_request, response) => response.writeHead(status).end('gone'));
    const source = once(address);
    assert.equal(await source.open('config.json'), null);
    await assert.rejects(openRequired(source, 'config.json'), {
      name: 'SottoError',
      code: 'file-not-found',
      message: new RegExp(`^config.json is missing: ${address}/config.json \\(HTTP ${status}\\)`),
    });
  });
}

test('a page instead of a file means absent, and the message says so', async (t) => {
  for (const type of ['text/html', 'Text/HTML; charset=utf-8']) {
    const address = await serve(t, (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end('<!doctype html><div id="app"></div>');
    });
    const source = once(address);
    assert.equal(await source.open('model.safetensors'), null);
    await assert.rejects(openRequired(source, 'config.json'), {
      code: 'file-not-found',
      message: /config.json \(the server answered with an HTML page\)/,
    });
  }
});

for (const status of [301, 400, 401, 403, 429, 500, 503]) {
  test(`HTTP ${status} is an error of the network`, async (t) => {
    const address = await serve(t, (_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>no</h1>'); // 301: without a location
    });
    await assert.rejects(once(address).open('config.json'), {
      code: 'network',
      message: new RegExp(`${address}/config.json: the server answered HTTP ${status}`),
    });
  });
}

test('redirects are followed', async (t) => {
  const address = await serve(t, (_request, response, url) => {
    if (url.pathname === '/model/config.json') response.writeHead(302, { location: '/cdn/1234' }).end();
    else response.end('{}');
  });
  const file = await new UrlSource(`${address}/model`).open('config.json');
  assert.equal(new TextDecoder().decode(await readToEnd(file)), '{}');
});

test('a server that is not there', async () => {
  const closing = [];
  const address = await serve({ after: (close) => closing.push(close) }, () => {});
  for (const close of closing) close();
  await assert.rejects(once(address).open('config.json'), {
    code: 'network',
    message: new RegExp(`${address}/config.json cannot be fetched \\(.*ECONNREFUSED`),
  });
});

test('a connection cut half way, with how much arrived', async (t) => {
  const address = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-length': BODY.length });
    response.write(BODY.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
  });
  const file = await once(address).open('model.safetensors');
  assert.equal(file.size, BODY.length);
  let arrived = 0;
  const reading = (async () => {
    for await (const chunk of file.stream()) arrived += chunk.length;
  })();
  await assert.rejects(reading, {
    name: 'SottoError',
    code: 'network',
    message: /connection was cut after 100000 of 300000 bytes/,
  });
  assert.equal(arrived, 100_000);
});

test('a connection cut half way, of unknown size', async (t) => {
  const address = await serve(t, (_request, response) => {
    response.writeHead(200); // chunked
    response.write(BODY.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
  });
  const file = await once(address).open('model.safetensors');
  assert.equal(file.size, null);
  await assert.rejects(readToEnd(file), {
    code: 'network',
    message: /cut after 100000 of an unknown number of bytes/,
  });
});

test('a body that ends too early without an error', async () => {
  const file = await withFetch(
    () => new Response('short', { headers: { 'content-length': '100' } }),
    (source) => source.open('model.safetensors'),
  );
  await assert.rejects(readToEnd(file), { code: 'network', message: /cut after 5 of 100 bytes/ });
});

test('a compressed body has no size beforehand', async (t) => {
  const compressed = gzipSync(BODY);
  const address = await serve(t, (_request, response) => {
    const headers = { 'content-encoding': 'gzip', 'content-length': compressed.length };
    response.writeHead(200, headers).end(compressed);
  });
  const file = await once(address).open('model.safetensors');
  assert.equal(file.size, null);
  assert.deepEqual(await readToEnd(file), BODY);
});

test('the length of a text from another origin is not believed: its encoding is hidden', async () => {
  const sizes = {};
  const types = ['application/json', 'text/plain', 'application/octet-stream'];
  for (const type of types) {
    const makeResponse = () => {
      const response = new Response('{}', { headers: { 'content-type': type, 'content-length': '2' } });
      Object.defineProperty(response, 'type', { value: 'cors' });
      return response;
    };
    sizes[type] = (await withFetch(makeResponse, (source) => source.open('config.json'))).size;
  }
  assert.deepEqual(sizes, { 'application/json': null, 'text/plain': null, 'application/octet-stream': 2 });
});

test('lengths that are none', async () => {
  for (const length of ['', 'x', '-1', '1.5', '1e3', '99999999999999999999']) {
    const makeResponse = () => new Response('{}', { headers: { 'content-length': length } });
    assert.equal((await withFetch(makeResponse, (source) => source.open('config.json'))).size, null, length);
  }
});

test('a response without a body is an empty file', async () => {
  const file = await withFetch(
    () => new Response(null),
    (source) => source.open('config.json'),
  );
  assert.deepEqual(await readToEnd(file), new Uint8Array(0));
});

test('leaving early ends the transfer', async (t) => {
  let onClose;
  const closed = new Promise((resolve) => (onClose = resolve));
  const address = await serve(t, (_request, response) => {
    response.on('close', onClose);
    response.writeHead(200, { 'content-length': 1e9 });
    response.write(BODY);
  });
  const file = await once(address).open('model.safetensors');
  for await (const _ of file.stream()) break;
  await closed;
});

test('aborting ends a request that is waiting for its answer', async (t) => {
  const address = await serve(t, () => {});
  const controller = new AbortController();
  const opening = once(address).open('config.json', controller.signal);
  setTimeout(() => controller.abort('enough'), 20);
  await assert.rejects(opening, (reason) => reason === 'enough');
});

async function withFetch(respond, run) {
  const { fetch } = globalThis;
  globalThis.fetch = async () => respond();
  try {
    return await run(once('https://example.com/model'));
  } finally {
    globalThis.fetch = fetch;
  }
}

test('a part that does not come as it should is an error, not another part', async (t) => {
  for (const [status, length] of [
    [200, 1],
    [206, 300_000],
    [206, 1],
    [416, 0],
  ]) {
    const address = await serve(t, (request, response) => {
      const isPart = request.headers.range !== undefined;
      response.writeHead(isPart ? status : 200, { 'accept-ranges': 'bytes' });
      response.end(BODY.subarray(0, isPart ? length : BODY.length));
    });
    const sized = await serve(t, (request, response) => {
      const isPart = request.headers.range !== undefined;
      const body = BODY.subarray(0, isPart ? length : BODY.length);
      response.writeHead(isPart ? status : 200, { 'accept-ranges': 'bytes', 'content-length': body.length });
      response.end(body);
    });
    const file = await once(sized).open('model.safetensors');
    await assert.rejects(readToEnd(file, 100), { code: 'network' }, `${status}, ${length}`);
    const unsized = await once(address).open('model.safetensors');
    assert.equal(unsized.seeks, false, 'of a file without a size');
  }
});

test('the rest of a file is read of all of it where a server sends no parts', async (t) => {
  const body = BODY.map((_, i) => i * 7);
  const address = await serve(t, (_request, response) => {
    response.writeHead(200, { 'accept-ranges': 'bytes', 'content-length': body.length }).end(body);
  });
  const file = await once(address).open('model.safetensors');
  assert.deepEqual(await readToEnd(file, 123_456), body.subarray(123_456));
});

test('what was cut goes on where it was, where the server sends parts, and where it does not', async (t) => {
  for (const hasParts of [true, false]) {
    const body = BODY.map((_, i) => i * 7);
    let nCuts = 0;
    const sent = [];
    const address = await serve(t, (request, response) => {
      const begin = hasParts ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
      const headers = { etag: '"1"', 'accept-ranges': 'bytes', 'content-length': body.length - begin };
      response.writeHead(begin > 0 ? 206 : 200, headers);
      sent.push(begin);
      if (++nCuts > 3) response.end(body.subarray(begin));
      else
        response.write(body.subarray(begin, nCuts * 70_000), () => setTimeout(() => response.destroy(), 30));
    });
    const file = await new UrlSource(address, new HttpClient({ retries: 1 })).open('model.safetensors');
    assert.deepEqual(await readToEnd(file), body);
    assert.deepEqual(sent, hasParts ? [0, 70_000, 140_000, 210_000] : [0, 0, 0, 0]);
  }
});

test('what may pass is asked for again, after the time that the server names', async (t) => {
  for (const [status, headers, leastMs] of [
    [503, {}, 250],
    [408, {}, 250],
    [429, { 'retry-after': '1' }, 1000],
    [429, { ratelimit: '"resolvers";r=0;t=1' }, 1000],
  ]) {
    let nAsked = 0;
    const address = await serve(t, (_request, response) => {
      if (nAsked++ === 0) response.writeHead(status, headers).end();
      else response.end('{}');
    });
    const begin = performance.now();
    const file = await new UrlSource(address, new HttpClient({ retries: 1 })).open('config.json');
    assert.equal(new TextDecoder().decode(await readToEnd(file)), '{}');
    assert.equal(nAsked, 2);
    assert.ok(performance.now() - begin >= leastMs - 5, `${status}`);
  }
});

test('a connection that says nothing counts as cut', async (t) => {
  let nAsked = 0;
  const address = await serve(t, (request, response) => {
    const begin = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    nAsked++;
    response.writeHead(begin > 0 ? 206 : 200, { etag: '"1"', 'content-length': BODY.length - begin });
    if (nAsked === 1) response.write(BODY.subarray(0, 1000));
    else response.end(BODY.subarray(begin));
  });
  const http = new HttpClient({ retries: 1, timeout: 100 });
  const file = await new UrlSource(address, http).open('model.safetensors');
  assert.deepEqual(await readToEnd(file), BODY);
  const silent = await serve(t, () => {});
  const opening = new UrlSource(silent, new HttpClient({ retries: 1, timeout: 50 })).open('config.json');
  await assert.rejects(opening, {
    code: 'network',
    message: /cannot be fetched \(nothing came for 0.05 s\)/,
  });
});

test('headers tell what a file is', async (t) => {
  const lastModified = Date.UTC(2024, 1, 29, 12, 30, 7);
  const address = await serve(t, (_request, response) => {
    const headers = { etag: '"4d7a"', 'last-modified': new Date(lastModified).toUTCString() };
    response.writeHead(200, { ...headers, 'content-length': BODY.length }).end(BODY);
  });
  const file = await once(address).open('model.safetensors');
  assert.deepEqual(file.identity, { etag: '"4d7a"', lastModified, size: BODY.length });
  await readToEnd(file);
  const plain = await serve(t, (_request, response) => response.writeHead(200).end('{}'));
  const other = await once(plain).open('config.json');
  assert.deepEqual(other.identity, { size: null });
  await readToEnd(other);
});

test('a part of a file that was replaced meanwhile is refused', async (t) => {
  let version = 0;
  const address = await serve(t, (request, response) => {
    const begin = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = BODY.subarray(begin);
    const headers = { etag: `"${version++ % 2}"`, 'accept-ranges': 'bytes', 'content-length': body.length };
    response.writeHead(begin === 0 ? 200 : 206, headers).end(body);
  });
  const file = await once(address).open('model.safetensors');
  await assert.rejects(readToEnd(file, 1000), { code: 'network', message: /of the same file/ });
  assert.equal((await readToEnd(file, 1000)).length, BODY.length - 1000);
});
