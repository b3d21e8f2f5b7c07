// Files that are something else than their name says, where weights are expected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { contentKind } from '../../build/web/formats/content-kind.js';
import { readSafetensors } from '../../build/web/formats/safetensors.js';
import { fileOf, makeFile } from './make-safetensors.mjs';

const text = (content) => new TextEncoder().encode(content);
const latin1 = (content) => Uint8Array.from(content, (letter) => letter.charCodeAt(0));
const padded = (bytes, length = 4000) => {
  const all = new Uint8Array(length);
  all.set(bytes);
  return all;
};

const OTHERS = {
  'a pointer of Git LFS': [
    text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n'),
    /Git LFS/,
  ],
  'a zip archive': [padded(latin1('PK\x03\x04\0\0\0\0')), /torch\.save.*from_pretrained\('folder'\)/s],
  'an old pickle': [padded(latin1('\x80\x02\x8a\x0al\xfc\x9c')), /pickle.*save_pretrained/s],
  'a pickle of protocol 4': [padded(latin1('\x80\x04\x95')), /pickle/],
  'a GGUF file': [padded(latin1('GGUF\x03\0\0\0')), /GGUF/],
  'an HDF5 file': [padded(latin1('\x89HDF\r\n\x1a\n')), /HDF5/],
  'gzip of safetensors': [gzipSync(makeFile({})), /gzip/],
  'a page': [text('<!DOCTYPE html>\n<html><body>no such file</body></html>'), /a page/],
  'a page behind a mark': [text('\uFEFF\n <html>'), /a page/],
};

for (const [what, [bytes, message]] of Object.entries(OTHERS)) {
  test(`weights that are ${what} are called so, whatever the chunks`, async () => {
    for (const chunkSizes of [[1], [7], [1 << 20]]) {
      for (const size of [bytes.length, null]) {
        const file = fileOf(bytes, { size, chunkSizes });
        await assert.rejects(readSafetensors(file).next(), { name: 'SottoError', code: 'bad-file', message });
        assert.ok(file.isReleased);
      }
    }
  });
}

test('a header as long as the letters of another format say is a header', async () => {
  // 1f 8b 08 00 00 00 00 00 is gzip's beginning, and a length of 559,903 bytes.
  const header = `{"__metadata__":{"x":"${'x'.repeat(559_903 - 25)}"}}`;
  const bytes = makeFile(header);
  assert.deepEqual([...bytes.subarray(0, 4)], [0x1f, 0x8b, 8, 0]);
  assert.deepEqual(await readSafetensors(fileOf(bytes)).next(), { done: true, value: undefined });
});

test('what begins like nothing known has no kind', () => {
  for (const content of ['', '{"a": 1}', 'Entry not found', '< 5', 'version 2', '\x80']) {
    assert.equal(contentKind(latin1(content)), null, content);
  }
});
