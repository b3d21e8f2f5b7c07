import assert from 'node:assert/strict';
import { test } from 'node:test';

/** What a source under test has to hold: a chunk and more, one chunk exactly, nothing, and names with traps. */
export const FILES = {
  'config.json': new TextEncoder().encode('{"model_type": "gpt2"}'),
  'model.safetensors': Uint8Array.from({ length: 2_500_003 }, (_, i) => (i * 31 + (i >> 8)) & 0xff),
  'one-chunk.safetensors': new Uint8Array(1 << 20).fill(7),
  'empty.json': new Uint8Array(0),
  'a b+ü%20#?.json': new TextEncoder().encode('1'),
  'sub/model-00001-of-00002.safetensors': Uint8Array.of(1, 2, 3),
};

/**
 * The suite that every source passes.
 *
 * @param name Of the source.
 * @param makeSource Resolves to a ModelSource that holds FILES and no others.
 * @param options `hasList`: whether it knows the names of its files.
 */
export function testSource(name, makeSource, { hasList = true } = {}) {
  const check = (what, run) => test(`${name}: ${what}`, async () => run(await makeSource()));

  check('gives every file with its size and bytes', async (source) => {
    for (const [fileName, bytes] of Object.entries(FILES)) {
      const file = await source.open(fileName);
      assert.equal(file.name, fileName);
      assert.equal(file.size, bytes.length);
      assert.ok(file.identity === null || file.identity.size === bytes.length);
      assert.deepEqual(await readToEnd(file), bytes);
    }
  });

  check('gives files side by side, and again', async (source) => {
    const names = ['model.safetensors', 'one-chunk.safetensors', 'model.safetensors'];
    const files = await Promise.all(names.map((fileName) => source.open(fileName)));
    const contents = await Promise.all(files.map((file) => readToEnd(file)));
    assert.deepEqual(
      contents,
      names.map((fileName) => FILES[fileName]),
    );
  });

  check('says null for what is not there', async (source) => {
    for (const absent of [
      'tokenizer.json',
      'Config.json',
      'config.jso',
      'config.json2',
      'sub',
      'sub/config.json',
    ]) {
      assert.equal(await source.open(absent), null, absent);
    }
    assert.match(source.location('tokenizer.json'), /tokenizer\.json/);
  });

  check('lists a subfolder, or nothing where it has no list', async (source) => {
    const names = await source.list('sub');
    if (hasList) assert.deepEqual(names, ['model-00001-of-00002.safetensors']);
    else assert.deepEqual(names, []);
    for (const absent of ['su', 'absent', 'config.json']) assert.deepEqual(await source.list(absent), []);
  });

  check('never leaves its folder', async (source) => {
    const names = [
      '../config.json',
      'sub/../config.json',
      '/etc/hostname',
      'C:\\x',
      '.',
      '',
      'sub//x',
      'file:///etc/x',
    ];
    for (const outside of [
      ...names,
      './config.json',
      'a\0b',
      '..\\config.json',
      '%2e%2e/../x',
      'x'.repeat(256),
    ]) {
      await assert.rejects(source.open(outside), { name: 'SottoError', code: 'file-not-found' }, outside);
    }
    assert.equal(await source.open('%2e%2e%2fconfig.json'), null);
  });

  check('begins anywhere where it says so', async (source) => {
    const bytes = FILES['model.safetensors'];
    const file = await source.open('model.safetensors');
    assert.equal(typeof file.seeks, 'boolean');
    if (!file.seeks) return;
    for (const begin of [1_048_577, bytes.length - 1, bytes.length, 1, 0]) {
      assert.deepEqual(await readToEnd(file, begin), bytes.slice(begin), `from ${begin}`);
    }
  });

  check('reads anywhere at once where it says so', async (source) => {
    if (!source.hasRandomAccess) return;
    const isBadFile = { name: 'SottoError', code: 'bad-file' };
    for (const [fileName, bytes] of Object.entries(FILES)) {
      const file = await source.open(fileName);
      const access = await file.openRandomAccess();
      const other = await file.openRandomAccess();
      const size = bytes.length;
      const ranges = [
        [size - 1, size],
        [1_048_575, 1_048_579],
        [0, size],
        [100_003, 170_004],
        [0, 1],
        [size, size],
      ];
      const readAll = (from) => {
        for (const [begin, end] of ranges.filter(([begin, end]) => begin >= 0 && end <= size)) {
          const into = new Uint8Array(end - begin + 2).fill(0xee);
          from.read(begin, into.subarray(1, -1));
          const expected = [0xee, ...bytes.subarray(begin, end), 0xee];
          assert.ok(Buffer.from(into).equals(Buffer.from(expected)), `${fileName}, ${begin} to ${end}`);
        }
      };
      readAll(access);
      await readToEnd(file);
      await file.close?.();
      readAll(access);
      for (const [begin, length] of [
        [size, 1],
        [Math.max(size - 1, 0), 2],
        [size + 9, 1],
        [0, size + 1],
      ]) {
        assert.throws(() => access.read(begin, new Uint8Array(length)), isBadFile, `${begin}, ${length}`);
      }
      access.close();
      access.close();
      readAll(other);
      other.close();
    }
  });

  check('can be left early', async (source) => {
    const file = await source.open('model.safetensors');
    for await (const chunk of file.stream()) {
      assert.ok(chunk.length > 0 && chunk.length <= 1 << 20);
      break;
    }
    assert.deepEqual(await readToEnd(await source.open('config.json')), FILES['config.json']);
  });

  check('does not open when aborted', async (source) => {
    const reason = new Error('changed my mind');
    await assert.rejects(source.open('config.json', AbortSignal.abort(reason)), (error) => error === reason);
    await assert.rejects(source.open('absent.json', AbortSignal.abort(reason)), (error) => error === reason);
  });

  check('stops reading when aborted, with the reason', async (source) => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const file = await source.open('model.safetensors', controller.signal);
    let received = 0;
    const reading = (async () => {
      for await (const chunk of file.stream()) {
        received += chunk.length;
        controller.abort(reason);
      }
    })();
    await assert.rejects(reading, (error) => error === reason);
    assert.ok(received < FILES['model.safetensors'].length);
  });

  check('is not read when aborted between opening and reading', async (source) => {
    const controller = new AbortController();
    const file = await source.open('one-chunk.safetensors', controller.signal);
    controller.abort();
    await assert.rejects(readToEnd(file), { name: 'AbortError' });
  });
}

/** The whole of a file, or what comes from `begin` on; chunks are copied as they come, since they are valid until the next one only. */
export async function readToEnd(file, begin = 0) {
  const chunks = [];
  for await (const chunk of file.stream(begin)) {
    assert.ok(chunk.length > 0);
    chunks.push(chunk.slice());
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
