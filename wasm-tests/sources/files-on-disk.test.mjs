import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { openFolder, openSource } from '../../build/web/sources/open.js';
import { openRequired } from '../../build/web/sources/source.js';
import { resolveSource } from '../../build/web/sources/spec.js';
import { readToEnd } from './conformance.mjs';

async function makeFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-disk-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a missing file is told with its whole path', async (t) => {
  const folder = await makeFolder(t);
  const source = await openSource({ kind: 'path', path: folder });
  await assert.rejects(openRequired(source, 'config.json'), {
    name: 'SottoError',
    code: 'file-not-found',
    message: new RegExp(`^config.json is missing: ${join(folder, 'config.json')}`),
  });
});

test('a missing folder has no files, and a file in its place is told', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'file'), '');
  const absent = await openSource({ kind: 'path', path: join(folder, 'absent') });
  assert.equal(await absent.open('config.json'), null);
  await assert.rejects(openSource({ kind: 'path', path: join(folder, 'file') }), {
    name: 'SottoError',
    code: 'bad-option',
    message: new RegExp(`${join(folder, 'file')} is a file: give the folder`),
  });
});

test('a folder that is named like a file is a folder', async (t) => {
  const folder = await makeFolder(t);
  for (const name of ['tiny.gguf', 'model.safetensors', 'x.bin', 'config.json', 'my model 100%', 'a#b?c']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'config.json'), '{}');
    for (const path of [
      join(folder, name),
      `${join(folder, name)}/`,
      pathToFileURL(join(folder, name)).href,
    ]) {
      const file = await (await openSource(resolveSource(path))).open('config.json');
      assert.equal(file?.size, 2, path);
    }
  }
});

test('a folder may be one of the cache of huggingface_hub, whose main is meant', async (t) => {
  const folder = await makeFolder(t);
  const cache = join(folder, 'models--owner--name');
  for (const [commit, config] of [
    ['aaaa', '{"a":1}'],
    ['bbbb', '{}'],
  ]) {
    await mkdir(join(cache, 'snapshots', commit), { recursive: true });
    await writeFile(join(cache, 'snapshots', commit, 'config.json'), config);
  }
  const sizeOf = async (path) => (await (await openFolder(path)).source.open('config.json'))?.size;
  assert.equal(await sizeOf(cache), undefined, 'nothing tells which');
  await mkdir(join(cache, 'refs'));
  await writeFile(join(cache, 'refs', 'main'), 'aaaa\n');
  assert.equal(await sizeOf(cache), 7);
  await rm(join(cache, 'snapshots', 'aaaa'), { recursive: true });
  assert.equal(await sizeOf(pathToFileURL(cache).href), 2, 'the only one');
});

test('a folder with one GGUF file is that file', async (t) => {
  const folder = await makeFolder(t);
  for (const part of ['1', '2']) await writeFile(join(folder, `model-0000${part}-of-00002.gguf`), 'x');
  await writeFile(join(folder, 'mmproj-model.gguf'), 'x');
  assert.equal((await openFolder(folder)).gguf, 'model-00001-of-00002.gguf');
  await writeFile(join(folder, 'other.gguf'), 'x');
  await assert.rejects(openFolder(folder), {
    code: 'bad-option',
    message: /2 models .*give the file of one/,
  });
  await writeFile(join(folder, 'config.json'), '{}');
  assert.equal((await openFolder(folder)).gguf, undefined);
});

test('a folder of that name is no file, a link to one is', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(join(folder, 'config.json'));
  await writeFile(join(folder, 'blob'), 'abc');
  await symlink(join(folder, 'blob'), join(folder, 'model.safetensors'));
  const source = await openSource({ kind: 'path', path: folder });
  assert.equal(await source.open('config.json'), null);
  const file = await source.open('model.safetensors');
  assert.deepEqual([file.size, (await readToEnd(file)).length], [3, 3]);
  const { mtimeMs } = await stat(join(folder, 'blob'));
  assert.deepEqual(file.identity, { lastModified: mtimeMs, size: 3 });
});

test('a file that shrinks or goes while it is read', async (t) => {
  const folder = await makeFolder(t);
  const path = join(folder, 'model.safetensors');
  await writeFile(path, new Uint8Array(3_000_000));
  const source = await openSource({ kind: 'path', path: folder });
  const [shrunk, gone] = [await source.open('model.safetensors'), await source.open('model.safetensors')];
  await truncate(path, 1_500_000);
  const message = /held 3000000 bytes and now holds 1500000/;
  await assert.rejects(readToEnd(shrunk), { name: 'SottoError', code: 'bad-file', message });
  const replaced = await source.open('model.safetensors');
  await rm(path);
  await assert.rejects(readToEnd(gone), { name: 'SottoError', code: 'file-not-found', message: /ENOENT/ });
  await mkdir(path);
  await assert.rejects(readToEnd(replaced), {
    name: 'SottoError',
    code: 'file-not-found',
    message: /EISDIR/,
  });
});

test('a path that the system refuses is an error, not absence', async (t) => {
  const folder = await makeFolder(t);
  await symlink('loop.json', join(folder, 'loop.json'));
  const source = await openSource({ kind: 'path', path: folder });
  await assert.rejects(source.open('loop.json'), {
    code: 'file-not-found',
    message: /cannot be read: .*ELOOP/,
  });
});

test('a file URL of another machine', async () => {
  const opening = openSource({ kind: 'path', path: 'file://server/share/model' });
  if (process.platform === 'win32') await opening;
  else
    await assert.rejects(opening, {
      name: 'SottoError',
      code: 'bad-option',
      message: /no path of this machine/,
    });
});

test('what reads anywhere has the file, says when it was cut short, and nothing once it is closed', async (t) => {
  const folder = await makeFolder(t);
  const path = join(folder, 'model.safetensors');
  await writeFile(path, '0123456789');
  const source = await openSource({ kind: 'path', path: folder });
  const access = await (await source.open('model.safetensors')).openRandomAccess();
  const read = (begin, length) => {
    const into = new Uint8Array(length);
    access.read(begin, into);
    return new TextDecoder().decode(into);
  };
  await truncate(path, 6);
  assert.equal(read(2, 4), '2345');
  const message = new RegExp(`${path} held 10 bytes and now holds 6: it was changed`);
  assert.throws(() => read(4, 4), { name: 'SottoError', code: 'bad-file', message });
  await writeFile(path, 'abcdefghij');
  assert.equal(read(4, 4), 'efgh');
  await rm(path);
  assert.equal(read(0, 3), 'abc');
  access.close();
  assert.throws(() => read(0, 3), { name: 'SottoError', code: 'bad-file' });

  await writeFile(path, '0123456789');
  const removed = await source.open('model.safetensors');
  await rm(path);
  await assert.rejects(removed.openRandomAccess(), { name: 'SottoError', code: 'file-not-found' });
});
