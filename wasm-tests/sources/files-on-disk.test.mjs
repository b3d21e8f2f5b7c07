import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { openSource } from '../../dist/sources/open.js';
import { openRequired } from '../../dist/sources/source.js';
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

test('a missing folder, or a file in its place, has no files', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'file'), '');
  for (const path of [join(folder, 'absent'), join(folder, 'file')]) {
    assert.equal(await (await openSource({ kind: 'path', path })).open('config.json'), null);
  }
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
