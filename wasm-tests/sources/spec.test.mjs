import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resolveSource } from '../../build/web/sources/spec.js';

test('outside of browsers a string is a path, unless it is a URL', () => {
  const url = (href) => ({ kind: 'url', url: href });
  const path = (text) => ({ kind: 'path', path: text });
  const cases = {
    'https://example.com/gpt2': url('https://example.com/gpt2/'),
    'https://example.com/gpt2/': url('https://example.com/gpt2/'),
    'https://example.com': url('https://example.com/'),
    'HTTP://Example.com/A?token=a%2Fb&x#top': url('http://example.com/A/?token=a%2Fb&x'),
    'https://example.com/v1.5': url('https://example.com/v1.5/'),
    'models/gpt2/': path('models/gpt2/'),
    './models/gpt2': path('./models/gpt2'),
    'a/models/gpt2': path('a/models/gpt2'),
    gpt2: path('gpt2'),
    './models': path('./models'),
    '/models/gpt2': path('/models/gpt2'),
    'C:\\models\\gpt2': path('C:\\models\\gpt2'),
    'file:///models/gpt2': path('file:///models/gpt2'),
  };
  for (const [input, expected] of Object.entries(cases))
    assert.deepEqual(resolveSource(input), expected, input);
  assert.deepEqual(resolveSource(new URL('file:///models/gpt2')), path('file:///models/gpt2'));
  const urlObject = new URL('https://example.com/gpt2');
  assert.deepEqual(resolveSource(urlObject), url('https://example.com/gpt2/'));
  assert.equal(urlObject.href, 'https://example.com/gpt2'); // the caller's object stays as it is
});

test('on a page a string is a URL relative to it', (t) => {
  t.after(() => {
    delete globalThis.document;
    delete globalThis.location;
  });
  const expectUrl = (input, url) => assert.deepEqual(resolveSource(input), { kind: 'url', url });
  globalThis.document = { baseURI: 'https://example.com/app/index.html?q=1' };
  expectUrl('models/gpt2/', 'https://example.com/app/models/gpt2/');
  expectUrl('./models/gpt2', 'https://example.com/app/models/gpt2/');
  expectUrl('/models', 'https://example.com/models/');
  expectUrl('../x', 'https://example.com/x/');
  expectUrl('?model=1', 'https://example.com/app/index.html/?model=1');
  expectUrl('https://other.example/m', 'https://other.example/m/');
  expectUrl('file:///models', 'file:///models/');
  expectUrl(new URL('file:///models'), 'file:///models/');
  delete globalThis.document;
  globalThis.location = { href: 'https://example.com/app/worker.js' };
  expectUrl('models/gpt2/', 'https://example.com/app/models/gpt2/');
});

const HUB = {
  kind: 'hub',
  endpoint: 'https://huggingface.co',
  revision: 'main',
  subfolder: '',
  quantization: null,
};

test('owner/name is a model of a hub', (t) => {
  assert.deepEqual(resolveSource('Qwen/Qwen3-0.6B'), {
    ...HUB,
    id: 'Qwen/Qwen3-0.6B',
    path: 'Qwen/Qwen3-0.6B',
  });
  assert.deepEqual(resolveSource('a/b.c_d:Q4_K_M'), { ...HUB, id: 'a/b.c_d', quantization: 'Q4_K_M' });
  const given = { revision: 'refs/pr/1', endpoint: 'https://mirror.example/hf/', subfolder: 'small/one' };
  assert.deepEqual(resolveSource('a/b', given), {
    ...HUB,
    id: 'a/b',
    path: 'a/b',
    revision: 'refs/pr/1',
    endpoint: 'https://mirror.example/hf',
    subfolder: 'small/one/',
  });
  for (const other of ['a/b.gguf', 'a/b/c', '/a/b', './a/b', 'a/b/', 'a//b', '-a/b', 'a/b:', 'a:b/c'])
    assert.notEqual(resolveSource(other).kind, 'hub', other);
  t.after(() => delete globalThis.document);
  globalThis.document = { baseURI: 'https://example.com/app/' };
  assert.deepEqual(resolveSource('a/b'), { ...HUB, id: 'a/b' }, 'on a page there are no folders');
});

test('each file may have an address of its own', (t) => {
  const urls = {
    'config.json': 'https://a.example/1?sig=x',
    'model.safetensors': new URL('https://b.example/2'),
  };
  assert.deepEqual(resolveSource(urls), {
    kind: 'urls',
    urls: { 'config.json': 'https://a.example/1?sig=x', 'model.safetensors': 'https://b.example/2' },
  });
  assert.equal(resolveSource({ 'x.gguf': 'https://a.example/?sig=1' }).gguf, 'x.gguf');
  const inlined = { 'config.json': 'data:application/json;base64,e30=', 'model.safetensors': 'blob:null/1' };
  assert.deepEqual(resolveSource(inlined), { kind: 'urls', urls: inlined }, 'as bundlers write small files');
  for (const [input, problem] of [
    [{ 'a.json': 'https://a.example/', 'b.json': new Blob([]) }, /addresses and contents together/],
    [
      { 'a.json': 'file:///x/a.json', 'b.json': 'file:///y/b.json' },
      /of the disk that do not lie in one folder/,
    ],
    [{ 'a.json': 'file:///x/b.json' }, /of the disk that do not lie in one folder/],
    [{ 'a.json': 'file:///x/a.json', 'b.json': 'https://a.example/b.json' }, /of the disk that do not lie/],
    [{ 'a.json': 'ftp://a.example/' }, /ftp: URLs cannot be read/],
    [{ 'a.json': 'relative' }, /is not a valid URL/],
  ])
    assert.throws(() => resolveSource(input), { code: 'bad-option', message: problem });
  t.after(() => delete globalThis.document);
  globalThis.document = { baseURI: 'https://example.com/app/' };
  assert.equal(resolveSource({ 'a.json': 'm/a.json' }).urls['a.json'], 'https://example.com/app/m/a.json');
});

test('files keep their paths, names and order', () => {
  const inFolder = new File(['a'], 'config.json');
  Object.defineProperty(inFolder, 'webkitRelativePath', { value: 'gpt2/config.json' });
  const single = new File(['b'], 'model.safetensors');
  const expected = [
    { path: 'gpt2/config.json', blob: inFolder },
    { path: 'model.safetensors', blob: single },
  ];
  const fileList = { length: 2, 0: inFolder, 1: single, item: () => null };
  for (const input of [[inFolder, single], new Set([inFolder, single]), fileList]) {
    assert.deepEqual(resolveSource(input), { kind: 'files', files: expected });
  }
});

test('bytes in memory are viewed, not copied', () => {
  const buffer = new ArrayBuffer(16);
  const shared = new SharedArrayBuffer(4);
  const view = new Uint16Array(buffer, 2, 3);
  const blob = new Blob(['x']);
  const { kind, files } = resolveSource({ buffer, view, shared, blob });
  assert.equal(kind, 'memory');
  assert.equal(files.buffer.buffer, buffer);
  assert.deepEqual([files.view.buffer, files.view.byteOffset, files.view.byteLength], [buffer, 2, 6]);
  assert.equal(files.shared.buffer, shared);
  assert.equal(files.blob, blob);
});

const NONSENSE = {
  undefined: [undefined, /got undefined/],
  null: [null, /got null/],
  'a number': [7, /got number/],
  'a function': [() => {}, /got function/],
  'an empty string': ['  ', /empty string/],
  'a URL that is none': ['https://', /not a valid URL/],
  'a data URL': ['data:application/json,{}', /data: URL is one file/],
  'a blob URL': ['blob:https://example.com/1234', /blob: URL is one file/],
  'another scheme': [new URL('ftp://example.com/gpt2'), /ftp: URLs cannot be read/],
  'the URL of a file': ['https://example.com/gpt2/model.safetensors?x=1', /is a file: give the folder/],
  'a user in an address': ['https://me@example.com/gpt2', /example.com\/gpt2 was given with a user name/],
  'one file': [new File(['x'], 'config.json'), /into an array/],
  'bytes without a name': [new Uint8Array(4), /bytes without a name/],
  'a buffer without a name': [new ArrayBuffer(4), /bytes without a name/],
  'an empty list': [[], /empty list/],
  'blobs without names': [[new Blob(['x'])], /item 0 has no name/],
  'a list of names': [['config.json'], /item 0 of the list is no File/],
  'a hole in a list': [[new File(['x'], 'a'), null], /item 1 of the list is no File/],
  'a map': [new Map([['config.json', new Blob(['x'])]]), /item 0 of the list is no File/],
  'an empty object': [{}, /object without files/],
  'text as content': [{ 'config.json': '{}' }, /"config.json" is neither a Blob/],
  'null as content': [{ 'config.json': null }, /"config.json" is neither a Blob/],
};

for (const [name, [input, message]] of Object.entries(NONSENSE)) {
  test(`refuses ${name}`, () => {
    assert.throws(() => resolveSource(input), { name: 'SottoError', code: 'bad-option', message });
  });
}

test('a .gguf is a file in a folder, a blob without a name is taken for one', () => {
  const url = resolveSource('https://example.com/a/gpt%202.GGUF?x=1');
  assert.deepEqual(url, { kind: 'url', url: 'https://example.com/a/?x=1', gguf: 'gpt 2.GGUF' });
  assert.deepEqual(resolveSource('folder/m.gguf'), { kind: 'path', path: 'folder/', gguf: 'm.gguf' });
  assert.deepEqual(resolveSource('m.gguf'), { kind: 'path', path: './', gguf: 'm.gguf' });
  assert.deepEqual(resolveSource('m.gguf/'), { kind: 'path', path: 'm.gguf/' });
  assert.equal(resolveSource(new Blob(['x'])).gguf, 'model.gguf');
});
