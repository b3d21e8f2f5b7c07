// The hub's stand-in keeps to the protocol: what every endpoint answers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  ask,
  bodyOf,
  bytesOf,
  CONFIG,
  cdnOf,
  hasHeaders,
  hubFor,
  ID,
  WEIGHTS,
} from './hub-server/for-tests.mjs';
import { startHub } from './hub-server.mjs';

const sha256Of = (bytes) => createHash('sha256').update(bytes).digest('hex');
const gitOid = (bytes) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

test('a small file is at a relative redirect, named by its commit', async (t) => {
  const hub = await hubFor(t);
  const commit = hub.commitOf(ID);
  assert.match(commit, /^[0-9a-f]{40}$/);
  const path = `/${ID}/resolve/main/onnx/sub%20dir/a%2Bb%23%3F.json`;
  const first = await ask(hub, path);
  assert.equal(first.status, 307);
  const etag = gitOid(Buffer.from('1'));
  const location =
    `/api/resolve-cache/models/${ID}/${commit}/onnx/sub%20dir/a%2Bb%23%3F.json` +
    `?${encodeURIComponent(path)}=&etag=%22${etag}%22`;
  hasHeaders(first, {
    location,
    'x-repo-commit': commit,
    'accept-ranges': 'bytes',
    'content-type': 'text/plain; charset=utf-8',
    ratelimit: '"resolvers";r=2999;t=300',
    'ratelimit-policy': '"fixed window";"resolvers";q=3000;w=300',
    'x-linked-etag': null,
  });
  assert.equal(await first.text(), `Temporary Redirect. Redirecting to ${location}`);
  const second = await ask(hub, location);
  assert.equal(second.status, 200);
  hasHeaders(second, {
    etag: `"${etag}"`,
    'content-length': 1,
    'accept-ranges': 'bytes',
    'x-repo-commit': commit,
    ratelimit: null,
  });
  assert.equal(await second.text(), '1');
  assert.equal((await ask(hub, `/api/resolve-cache/models/${ID}/main/config.json`)).status, 404);
  const fetched = await fetch(`${hub.endpoint}/${ID}/resolve/main/config.json?download=true`);
  assert.ok(fetched.url.includes(commit));
  hasHeaders(fetched, { 'content-disposition': /^attachment;/ });
});

test('a large file is at a signed address of the CDN, another one each time', async (t) => {
  const hub = await hubFor(t);
  const first = await ask(hub, `/${ID}/resolve/main/model.safetensors`, { method: 'HEAD' });
  assert.equal(first.status, 302);
  const { cdnEtag, xetHash } = hub.fileOf(ID, 'model.safetensors');
  const location = first.headers.get('location');
  hasHeaders(first, {
    'x-repo-commit': hub.commitOf(ID),
    'x-linked-size': WEIGHTS.length,
    'x-linked-etag': `"${sha256Of(WEIGHTS)}"`,
    'x-xet-hash': xetHash,
    link: /rel="xet-auth".*rel="xet-reconstruction-info"/,
  });
  assert.ok(location.startsWith(`${hub.cdn}/xet-bridge-us/`) && /\?sig=[0-9a-f]{32}&exp=\d+$/.test(location));
  assert.notEqual(await cdnOf(hub), location);
  const second = await fetch(location);
  assert.equal(second.status, 200);
  hasHeaders(second, {
    etag: cdnEtag,
    'content-length': WEIGHTS.length,
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': '*',
    'x-repo-commit': null,
  });
  assert.ok(!cdnEtag.includes(sha256Of(WEIGHTS)));
  assert.deepEqual(await bodyOf(second), WEIGHTS);
  assert.equal((await fetch(location.replace(/sig=../, 'sig=zz'))).status, 403);
  assert.equal((await fetch(location.replace(/exp=\d/, 'exp=9'))).status, 403);
  assert.equal((await fetch(`${hub.cdn}/x`)).status, 403);
  const withHead = await fetch(location, { method: 'HEAD' });
  assert.equal(withHead.headers.get('content-length'), String(WEIGHTS.length));
  assert.equal(hub.log.at(-1).bytesSent, 0);
});

test('a signed address ends with its time', async (t) => {
  const hub = await hubFor(t, { signedMs: 5000 });
  const location = await cdnOf(hub);
  hub.clock.advance(4000);
  assert.equal((await fetch(location)).status, 200);
  hub.clock.advance(1000);
  const response = await fetch(location);
  assert.equal(response.status, 403);
  assert.match(await response.text(), /<Code>AccessDenied<\/Code><Message>Request has expired/);
  assert.equal((await fetch(await cdnOf(hub))).status, 200);
});

test('single ranges are sent, of either origin; what is no range is not', async (t) => {
  const hub = await hubFor(t, { gzipFrom: 1 });
  const config = new TextEncoder().encode(CONFIG);
  const small = new URL(
    (await ask(hub, `/${ID}/resolve/main/config.json`)).headers.get('location'),
    hub.endpoint,
  );
  for (const [address, bytes] of [
    [await cdnOf(hub), WEIGHTS],
    [small, config],
  ]) {
    const n = bytes.length;
    for (const [range, begin, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=7-', 7, n],
      [`bytes=5-${n + 9}`, 5, n],
      ['bytes=-3', n - 3, n],
      [`bytes=-${n + 1}`, 0, n],
      [`bytes=${n - 1}-`, n - 1, n],
    ]) {
      const response = await fetch(address, { headers: { range } });
      assert.equal(response.status, 206, range);
      hasHeaders(response, {
        'content-range': `bytes ${begin}-${end - 1}/${n}`,
        'content-length': end - begin,
        'content-encoding': null,
      });
      assert.deepEqual(await bodyOf(response), bytes.slice(begin, end), range);
    }
    for (const range of ['bytes=0-1,5-6', 'bytes=5-4', 'bytes=-', 'lines=1-2']) {
      const response = await fetch(address, { headers: { range } });
      assert.equal(response.status, 200, range);
      assert.equal((await bodyOf(response)).length, n);
    }
    for (const range of [`bytes=${n}-`, 'bytes=-0']) {
      const response = await fetch(address, { headers: { range } });
      assert.equal(response.status, 416, range);
      hasHeaders(response, { 'content-range': `bytes */${n}` });
      await response.text();
    }
    const { headers } = await fetch(address, { headers: { range: 'bytes=0-0' } });
    const same = await fetch(address, { headers: { range: 'bytes=2-3', 'if-range': headers.get('etag') } });
    const other = await fetch(address, { headers: { range: 'bytes=2-3', 'if-range': '"x"' } });
    assert.deepEqual([same.status, other.status], [206, 200]);
    assert.equal((await bodyOf(same)).length + (await bodyOf(other)).length, 2 + n);
  }
});

test('texts are compressed without a length, from a size on, where that is accepted', async (t) => {
  const hub = await hubFor(t);
  const path = `/${ID}/resolve/main/config.json`;
  for (const method of ['GET', 'HEAD']) {
    const response = await fetch(hub.endpoint + path, { method, headers: { 'accept-encoding': 'gzip' } });
    hasHeaders(response, {
      'content-encoding': 'gzip',
      'content-length': null,
      'accept-ranges': null,
      etag: /^W\/"[0-9a-f]{40}"$/,
    });
    const text = await response.text();
    assert.equal(text, method === 'GET' ? CONFIG : '');
    const { bytesSent } = hub.log.at(-1);
    assert.ok(method === 'GET' ? bytesSent > 0 && bytesSent < CONFIG.length / 2 : bytesSent === 0);
  }
  const plain = await fetch(hub.endpoint + path, { headers: { 'accept-encoding': 'identity' } });
  hasHeaders(plain, { 'content-encoding': null, 'content-length': CONFIG.length, 'accept-ranges': 'bytes' });
  hub.settings.gzipFrom = Infinity;
  hasHeaders(await fetch(hub.endpoint + path), { 'content-encoding': null });
  const pages = { pageSize: 2, gzipFrom: 10 };
  Object.assign(hub.settings, pages);
  hasHeaders(await ask(hub, `/api/models/${ID}/tree/main`), { 'content-encoding': 'gzip' });
});

test('what one has is not sent again', async (t) => {
  const hub = await hubFor(t);
  for (const path of ['config.json', 'model.safetensors']) {
    const { etag } = hub.fileOf(ID, path);
    const response = await ask(hub, `/${ID}/resolve/main/${path}`, { headers: { 'if-none-match': etag } });
    assert.equal(response.status, 304);
    hasHeaders(response, { etag, 'x-repo-commit': hub.commitOf(ID) });
    const raw = await ask(hub, `/${ID}/raw/main/${path}`, { headers: { 'if-none-match': etag } });
    assert.equal(raw.status, 200);
    await raw.text();
  }
});

test('raw gives pointers of large files, and others as they are', async (t) => {
  const hub = await hubFor(t);
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256Of(WEIGHTS)}\nsize ${WEIGHTS.length}\n`;
  assert.equal(await (await ask(hub, `/${ID}/raw/main/model.safetensors`)).text(), pointer);
  assert.equal(await (await ask(hub, `/${ID}/raw/main/config.json`)).text(), CONFIG);
});

test('the tree comes in pages, whole or by folder', async (t) => {
  const hub = await hubFor(t);
  const { oid, xetHash } = hub.fileOf(ID, 'onnx/model.gguf');
  const gguf = {
    type: 'file',
    oid,
    size: 50,
    path: 'onnx/model.gguf',
    lfs: { oid: sha256Of(bytesOf(50, 2)), size: 50, pointerSize: 127 },
    xetHash,
  };
  const config = { type: 'file', oid: gitOid(Buffer.from(CONFIG)), size: CONFIG.length, path: 'config.json' };
  const paths = (entries) => entries.map(({ type, path }) => `${type[0]} ${path}`);
  const all = [
    'f config.json',
    'f empty.txt',
    'f model.safetensors',
    'd onnx',
    'f onnx/model.gguf',
    'd onnx/sub dir',
    'f onnx/sub dir/a+b#?.json',
  ];
  for (const [pageSize, nRequests] of [
    [1000, 1],
    [7, 1],
    [6, 2],
    [2, 4],
    [1, 7],
  ]) {
    hub.settings.pageSize = pageSize;
    hub.log.length = 0;
    let next = `${hub.endpoint}/api/models/${ID}/tree/main?recursive=true&expand=false`;
    const entries = [];
    while (next !== undefined) {
      const response = await fetch(next);
      entries.push(...(await response.json()));
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    assert.equal(hub.log.length, nRequests);
    assert.deepEqual(paths(entries), all);
    assert.deepEqual(entries[0], config);
    assert.deepEqual(entries[4], gguf);
  }
  hub.settings.pageSize = 1000;
  const list = async (path) => paths(await (await ask(hub, `/api/models/${ID}/tree/main${path}`)).json());
  assert.deepEqual(await list(''), all.slice(0, 4));
  assert.deepEqual(await list('/onnx'), all.slice(4, 6));
  assert.deepEqual(await list('/onnx?recursive=1'), all.slice(4));
  assert.equal((await ask(hub, `/api/models/${ID}/tree/main/onn`)).status, 404);
});

test('a repository tells its commit, and its files with their hashes', async (t) => {
  const hub = await hubFor(t);
  const plain = await (await ask(hub, `/api/models/${ID}`)).json();
  assert.equal(plain.sha, hub.commitOf(ID));
  assert.deepEqual([plain.id, plain.private, plain.gated], [ID, false, false]);
  assert.deepEqual(plain.config, { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2' });
  assert.deepEqual(plain.siblings[0], { rfilename: 'config.json' });
  const { siblings } = await (await ask(hub, `/api/models/${ID}/revision/main?blobs=true`)).json();
  assert.equal(siblings.length, 5);
  const { oid, size, sha256, pointer } = hub.fileOf(ID, 'model.safetensors');
  assert.deepEqual(
    siblings.find(({ rfilename }) => rfilename === 'model.safetensors'),
    { rfilename: 'model.safetensors', size, blobId: oid, lfs: { sha256, size, pointerSize: pointer.length } },
  );
});

test('branches, tags, proposals and commits are revisions, and main may move', async (t) => {
  const files = (text) => ({ 'config.json': text });
  const repos = { [ID]: { files: files('one'), revisions: { v1: files('tag'), 'refs/pr/12': files('pr') } } };
  const hub = await hubFor(t, { repos });
  const get = async (revision) =>
    (await fetch(`${hub.endpoint}/${ID}/resolve/${revision}/config.json`)).text();
  const before = hub.commitOf(ID);
  assert.deepEqual(await Promise.all(['main', 'v1', 'refs%2Fpr%2F12', before].map(get)), [
    'one',
    'tag',
    'pr',
    'one',
  ]);
  const after = await hub.move(ID, files('two'));
  assert.notEqual(after, before);
  assert.deepEqual(await Promise.all(['main', before, after].map(get)), ['two', 'one', 'two']);
  assert.equal(
    (await (await ask(hub, `/api/models/${ID}/revision/refs%2Fpr%2F12`)).json()).sha,
    hub.commitOf(ID, 'refs/pr/12'),
  );
  assert.equal(await hub.move(ID, files('one')), before);
  assert.equal(await get('refs/pr/12'), 'Invalid rev id: refs');
});

test('files may be on disk, and ids may have other names', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'x'), WEIGHTS);
  const repos = { [ID]: { files: { 'model.gguf': { path: join(folder, 'x') } } } };
  const hub = await hubFor(t, { repos, aliases: { tiny: ID, 'old/name': ID } });
  for (const name of ['tiny', 'old/name']) {
    const response = await ask(hub, `/${name}/resolve/main/model.gguf?a=b`);
    assert.equal(response.status, 307);
    assert.equal(response.headers.get('location'), `/${ID}/resolve/main/model.gguf?a=b`);
    assert.deepEqual(await bodyOf(fetch(response.url)), WEIGHTS);
    assert.equal((await (await fetch(`${hub.endpoint}/api/models/${name}`)).json()).id, ID);
    assert.equal((await (await fetch(`${hub.endpoint}/api/models/${name}/tree/main`)).json()).length, 1);
  }
  const range = { headers: { range: 'bytes=100000-100009' } };
  assert.deepEqual(
    await bodyOf(fetch(await cdnOf(hub, 'model.gguf'), range)),
    WEIGHTS.slice(100_000, 100_010),
  );
});

test('older mirrors answer small files at once', async (t) => {
  const hub = await hubFor(t, { directSmall: true, xet: false });
  const small = await ask(hub, `/${ID}/resolve/main/empty.txt`);
  assert.equal(small.status, 200);
  hasHeaders(small, {
    etag: `"${gitOid(Buffer.alloc(0))}"`,
    'x-repo-commit': hub.commitOf(ID),
    'content-length': 0,
  });
  assert.equal(hub.log[0].kind, 'direct');
  const large = await ask(hub, `/${ID}/resolve/main/model.safetensors`);
  assert.equal(large.status, 302);
  hasHeaders(large, { 'x-xet-hash': null, link: null });
});

test('a file of the xet kind tells of itself where that is asked for', async (t) => {
  const hub = await hubFor(t);
  const headers = { accept: 'application/vnd.xet-fileinfo+json', range: 'bytes=0-0' };
  const response = await ask(hub, `/${ID}/resolve/main/model.safetensors`, { headers });
  assert.equal(response.status, 200);
  const { xetHash } = hub.fileOf(ID, 'model.safetensors');
  hasHeaders(response, {
    'content-type': headers.accept,
    'x-linked-size': WEIGHTS.length,
    'x-xet-hash': xetHash,
  });
});

test('a server of plain files has the addresses of files, and no more', async (t) => {
  const hub = await hubFor(t, { staticMirror: true });
  for (const [path, bytes] of Object.entries({
    'model.safetensors': WEIGHTS,
    'empty.txt': new Uint8Array(),
  })) {
    const response = await ask(hub, `/${ID}/resolve/main/${path}`);
    assert.equal(response.status, 200);
    hasHeaders(response, {
      'content-length': bytes.length,
      etag: /^"[0-9a-f]+-[0-9a-f]+"$/,
      'x-repo-commit': null,
      ratelimit: null,
    });
    assert.ok(!Number.isNaN(Date.parse(response.headers.get('last-modified'))));
    assert.deepEqual(await bodyOf(response), bytes);
  }
  const etagOf = async () => (await ask(hub, `/${ID}/resolve/main/config.json`)).headers.get('etag');
  const before = await etagOf();
  const files = { 'config.json': CONFIG.toUpperCase(), 'model.safetensors': WEIGHTS };
  hub.faults.add({ kind: 'move', on: 'static', path: 'config.json', files });
  assert.notEqual(await etagOf(), before); // of the same size
  assert.equal(await etagOf(), await etagOf());
  const range = { headers: { range: 'bytes=9-' } };
  const part = await ask(hub, `/${ID}/resolve/main/model.safetensors`, range);
  assert.equal(part.status, 206);
  assert.deepEqual(await bodyOf(part), WEIGHTS.slice(9));
  for (const path of [
    `/api/models/${ID}`,
    `/api/models/${ID}/tree/main`,
    `/${ID}/raw/main/config.json`,
    `/${ID}/resolve/main/no`,
  ]) {
    const response = await ask(hub, path);
    assert.equal(response.status, 404, path);
    hasHeaders(response, { 'content-type': 'text/html', 'x-error-code': null });
    await response.text();
  }
});

test('an option that is not there is refused', async () => {
  await assert.rejects(startHub({ repos: {}, pagesize: 2 }), /no option 'pagesize'/);
});
