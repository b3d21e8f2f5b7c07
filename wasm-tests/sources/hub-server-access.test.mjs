// The hub's stand-in keeps to the protocol: whom it lets read, how it refuses, and what it writes down of that.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, bodyOf, cdnOf, hasHeaders, hubFor, ID } from './hub-server/for-tests.mjs';

const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,' +
  'X-Linked-Size,X-Linked-ETag,X-Xet-Hash';

test('pages of other origins may read, and may ask first', async (t) => {
  const hub = await hubFor(t);
  const path = `/${ID}/resolve/main/config.json`;
  const shared = {
    vary: 'Origin, Accept',
    'access-control-max-age': 86400,
    'access-control-expose-headers': EXPOSED,
  };
  for (const one of [path, `/api/models/${ID}`, '/nothing/here/resolve/main/x']) {
    hasHeaders(await ask(hub, one), { ...shared, 'access-control-allow-origin': 'https://huggingface.co' });
    const origin = 'http://localhost:9';
    hasHeaders(await ask(hub, one, { headers: { origin } }), {
      ...shared,
      'access-control-allow-origin': origin,
    });
  }
  const headers = {
    origin: 'http://localhost:9',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization',
  };
  hub.randomFaults(1, 1);
  const preflight = await ask(hub, path, { method: 'OPTIONS', headers });
  assert.equal(preflight.status, 204);
  hasHeaders(preflight, {
    'access-control-allow-origin': 'http://localhost:9',
    'access-control-allow-headers': 'authorization',
    'access-control-allow-methods': /\bGET\b/,
  });
  const atCdn = await fetch(hub.cdn, { method: 'OPTIONS', headers });
  hasHeaders(atCdn, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' });
  hub.faults.clear();
  assert.equal((await ask(hub, path, { method: 'POST', body: 'x' })).status, 405);
});

test('refusals are the hub’s, as text and on the API as JSON', async (t) => {
  const files = { 'config.json': '{}', 'model.gguf': 'x' };
  const repos = {
    [ID]: { files },
    'o/private': { files, private: true, token: 'hf_private' },
    'o/gated': { files, gated: true, tokens: ['hf_gated'] },
    'o/disabled': { files, disabled: true },
  };
  const hub = await hubFor(t, { repos, tokens: ['hf_other'] });
  const login = 'Invalid username or password.';
  const absent = 'Repository not found';
  const restricted =
    'Access to model o/gated is restricted. You must have access to it and be authenticated to access it. Please log in.';
  const notListed = `Access to model o/gated is restricted and you are not in the authorized list. Visit ${hub.endpoint}/o/gated to ask for access.`;
  const file = '/resolve/main/config.json';
  for (const [path, token, status, code, message] of [
    [`/${ID}/resolve/main/Config.json`, null, 404, 'EntryNotFound', 'Entry not found'],
    [`/${ID}/resolve/main/x/config.json`, 'hf_other', 404, 'EntryNotFound', 'Entry not found'],
    [`/${ID}/resolve/nope/config.json`, null, 404, 'RevisionNotFound', 'Invalid rev id: nope'],
    [`/api/models/${ID}/revision/nope`, null, 404, 'RevisionNotFound', 'Invalid rev id: nope'],
    [`/api/models/${ID}/tree/nope`, null, 404, 'RevisionNotFound', 'Invalid rev id: nope'],
    [`/${ID}${file}`, 'hf_wrong', 401, null, login],
    [`/owner/none${file}`, null, 401, null, login],
    [`/owner/none${file}`, 'hf_wrong', 401, null, login],
    [`/owner/none${file}`, 'hf_other', 404, 'RepoNotFound', absent],
    ['/api/models/owner/none', null, 401, null, login],
    ['/api/models/owner/none', 'hf_other', 404, 'RepoNotFound', absent],
    [`/o/private${file}`, null, 401, null, login],
    [`/o/private${file}`, 'hf_other', 404, 'RepoNotFound', absent],
    ['/api/models/o/private/tree/main', null, 401, null, login],
    [`/o/gated${file}`, null, 401, 'GatedRepo', restricted],
    [`/o/gated${file}`, 'hf_other', 403, 'GatedRepo', notListed],
    ['/o/gated/raw/main/model.gguf', null, 401, 'GatedRepo', restricted],
    [`/o/disabled${file}`, null, 403, 'DisabledRepo', 'Access to this resource is disabled.'],
  ]) {
    const response = await ask(hub, path, token === null ? {} : bearer(token));
    const isApi = path.startsWith('/api/');
    assert.equal(response.status, status, `${path} ${token}`);
    hasHeaders(response, {
      'x-error-code': code,
      'x-error-message': message,
      'content-type': isApi ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
      'www-authenticate':
        message === login ? 'Bearer realm="Authentication required", charset="UTF-8"' : null,
    });
    assert.equal(await response.text(), isApi ? JSON.stringify({ error: message }) : message);
  }
  for (const [id, token] of [
    ['o/private', 'hf_private'],
    ['o/gated', 'hf_gated'],
    [ID, 'hf_other'],
  ]) {
    assert.equal(await (await fetch(`${hub.endpoint}/${id}${file}`, bearer(token))).text(), '{}');
    assert.equal(
      await (await fetch(`${hub.endpoint}/${id}/resolve/main/model.gguf`, bearer(token))).text(),
      'x',
    );
  }
  assert.equal((await (await ask(hub, '/api/models/o/gated')).json()).gated, 'manual');
  assert.equal((await ask(hub, '/nothing')).status, 404);
  assert.equal((await ask(hub, '/a/b/resolve/main/%zz')).status, 404);
});

test('windows of requests are told, and kept to where that is asked for', async (t) => {
  const hub = await hubFor(t, { limits: { resolvers: 2, api: 1 } });
  const file = `/${ID}/resolve/main/config.json`;
  const states = async (path, count) => {
    const all = [];
    for (let i = 0; i < count; i++) {
      const response = await ask(hub, path);
      all.push(`${response.status} ${response.headers.get('ratelimit')}`);
      await response.text();
    }
    return all;
  };
  const told = (status, name, left, seconds) => `${status} "${name}";r=${left};t=${seconds}`;
  assert.deepEqual(
    await states(file, 3),
    [1, 0, 0].map((left) => told(307, 'resolvers', left, 300)),
  );
  hub.clock.advance(301_000);
  hub.settings.enforcesLimits = true;
  assert.deepEqual(await states(`/api/models/${ID}`, 2), [
    told(200, 'api', 0, 300),
    told(429, 'api', 0, 300),
  ]);
  assert.equal((await states(file, 2)).length, 2);
  hub.clock.advance(100_000);
  assert.deepEqual(await states(file, 1), [told(429, 'resolvers', 0, 200)]);
  hub.clock.advance(200_000);
  assert.deepEqual(await states(file, 1), [told(307, 'resolvers', 1, 300)]);
});

test('the log tells every request, and where tokens went', async (t) => {
  const hub = await hubFor(t, { tokens: ['hf_a'] });
  const address = `${hub.endpoint}/${ID}/resolve/main/model.safetensors`;
  await bodyOf(fetch(address, { headers: { authorization: 'Bearer hf_a', range: 'bytes=3-6' } }));
  assert.deepEqual(
    hub.log.map((one) => [one.origin, one.kind, one.method, one.id, one.file, one.status, one.isFinished]),
    [
      ['hub', 'resolve', 'GET', ID, 'model.safetensors', 302, true],
      ['cdn', 'cdn', 'GET', ID, 'model.safetensors', 206, true],
    ],
  );
  assert.equal(hub.log[1].bytesSent, 4);
  assert.equal(hub.log[0].headers.authorization, 'Bearer hf_a');
  assert.equal(hub.log[1].headers.authorization, undefined); // fetch leaves it behind
  assert.equal(hub.log[1].headers.range, 'bytes=3-6');
  assert.deepEqual(hub.leaks, []);
  await bodyOf(fetch(await cdnOf(hub), bearer('unheard')));
  await bodyOf(fetch(`${hub.endpoint}/${ID}/raw/main/config.json?token=hf_a`));
  assert.equal(hub.leaks.length, 2);
  assert.match(hub.leaks[0], /^authorization at \/xet-bridge-us/);
  assert.match(hub.leaks[1], /^a token in the address .*token=hf_a/);
});
