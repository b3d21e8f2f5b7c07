import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSafetensors } from '../../build/web/formats/safetensors.js';
import { SottoError } from '../../build/web/results/errors.js';
import { fileOf, makeData, makeFile, makeRandom } from './make-safetensors.mjs';

const HEADER = {
  c: { dtype: 'F16', shape: [3, 5], data_offsets: [17, 47] },
  a: { dtype: 'U8', shape: [17], data_offsets: [0, 17] },
  none: { dtype: 'U8', shape: [0], data_offsets: [17, 17] },
  d: { dtype: 'F32', shape: [10], data_offsets: [47, 87] },
};
const DATA = makeData(87);
const BYTES = makeFile(HEADER, DATA);
const HEADER_END = BYTES.length - DATA.length;

async function concat(chunks) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function readAll(file) {
  const tensors = [];
  for await (const { tensor, chunks } of readSafetensors(file)) {
    tensors.push({ name: tensor.name, bytes: await concat(chunks) });
  }
  return tensors;
}

const EXPECTED = ['a', 'none', 'c', 'd'].map((name) => {
  const [begin, end] = HEADER[name].data_offsets;
  return { name, bytes: DATA.slice(begin, end) };
});

test('every tensor gets its bytes, whatever the chunks', async () => {
  const random = makeRandom(1);
  const someSizes = () => Array.from({ length: 400 }, () => random(40)); // empty chunks, too
  const sizes = [[1], [7], [8], [9], [1000], ...Array.from({ length: 50 }, someSizes)];
  for (const chunkSizes of sizes.map((list) => [...list, 64])) {
    for (const size of [BYTES.length, null]) {
      const file = fileOf(BYTES, { chunkSizes, size });
      assert.deepEqual(await readAll(file), EXPECTED);
      assert.ok(file.isReleased);
    }
  }
});

test('chunks of tensors are views of what the source gave, never copies', async () => {
  for await (const { chunks } of readSafetensors(fileOf(BYTES, { chunkSizes: [13] }))) {
    for await (const chunk of chunks) {
      assert.equal(chunk.buffer, BYTES.buffer);
      assert.ok(chunk.length > 0 && chunk.length <= 13);
    }
  }
});

test('tensors that are left unread, or half read, are skipped', async () => {
  const seen = [];
  for await (const { tensor, chunks } of readSafetensors(fileOf(BYTES, { chunkSizes: [4] }))) {
    if (tensor.name === 'a') continue;
    for await (const chunk of chunks) {
      seen.push([tensor.name, chunk[0]]);
      if (tensor.name === 'c') break;
    }
  }
  assert.deepEqual(seen[0], ['c', DATA[17]]);
  assert.deepEqual(
    seen.slice(1).map(([name]) => name),
    Array(seen.length - 1).fill('d'),
  );
  assert.equal(seen[1][1], DATA[47]);
});

test('chunks of a tensor that is over are at their end', async () => {
  const all = [];
  for await (const stream of readSafetensors(fileOf(BYTES))) all.push(stream.chunks);
  assert.equal((await concat(all[0])).length, 0);
});

test('large tensors that are left unread are not fetched where the file seeks', async () => {
  const MIB = 1 << 20;
  const sizes = [10, 3 * MIB, MIB, 20, 100, 2 * MIB];
  let begin = 0;
  const header = {};
  for (const [i, size] of sizes.entries()) {
    header[i] = { dtype: 'U8', shape: [size], data_offsets: [begin, begin + size] };
    begin += size;
  }
  const bytes = makeFile(header, makeData(begin));
  const dataBegin = bytes.length - begin;
  const begins = [];
  const file = {
    name: 'model.safetensors',
    size: bytes.length,
    seeks: true,
    async *stream(from = 0) {
      begins.push(from);
      for (let at = from; at < bytes.length; at += MIB / 4) yield bytes.subarray(at, at + MIB / 4);
    },
  };
  const read = async (wanted) => {
    begins.length = 0;
    for await (const { tensor, chunks } of readSafetensors(file)) {
      if (!wanted.includes(Number(tensor.name))) continue;
      const [from, to] = header[tensor.name].data_offsets;
      assert.deepEqual(await concat(chunks), bytes.slice(dataBegin + from, dataBegin + to));
    }
    return begins.map((at) => at - dataBegin).slice(1);
  };
  assert.deepEqual(await read([0, 1, 2, 3, 4, 5]), []);
  assert.deepEqual(
    await read([0, 3, 4, 5]),
    [header[3].data_offsets[0]],
    'once for two that follow each other',
  );
  assert.deepEqual(await read([1, 2, 3, 5]), [], 'small ones come along');
  assert.deepEqual(await read([0, 1, 2, 3, 4]), [begin], 'the end is told');
  assert.deepEqual(await read([]), [begin]);
});

test('the file is let go when the loop is left', async () => {
  const file = fileOf(BYTES, { chunkSizes: [16] });
  for await (const _ of readSafetensors(file)) break;
  assert.ok(file.isReleased);
  const other = fileOf(BYTES, { chunkSizes: [16] });
  await assert.rejects(async () => {
    for await (const _ of readSafetensors(other)) throw new Error('of the caller');
  }, /of the caller/);
  assert.ok(other.isReleased);
});

test('the loop ends when the file is let go, not before', async () => {
  let isReleased = false;
  const file = {
    name: 'x',
    size: null,
    async *stream() {
      try {
        yield BYTES;
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 5));
        isReleased = true;
      }
    },
  };
  for await (const _ of readSafetensors(file)) break;
  assert.ok(isReleased);
});

test('a file without tensors is read to its end', async () => {
  assert.deepEqual(await readAll(fileOf(makeFile({ __metadata__: { format: 'pt' } }))), []);
  assert.deepEqual(await readAll(fileOf(makeFile({}))), []);
});

test('truncation at every byte is told, with expected and actual sizes', async () => {
  for (let length = 0; length < BYTES.length; length++) {
    const cut = BYTES.subarray(0, length);
    for (const size of [length, null]) {
      const file = fileOf(cut, { size, chunkSizes: [10] });
      const error = await readAll(file).catch((reason) => reason);
      assert.equal(error.code, 'bad-file', `${length} bytes, size ${size}: ${error}`);
      assert.match(error.message, /truncated/);
      assert.match(error.message, new RegExp(`\\b${length}\\b`));
      assert.ok(file.isReleased);
    }
  }
});

test('a known size is held against the header before any tensor comes', async () => {
  const tensors = readSafetensors(fileOf(BYTES.subarray(0, BYTES.length - 1)));
  await assert.rejects(tensors.next(), {
    code: 'bad-file',
    message: new RegExp(`describes ${BYTES.length} bytes, and the file holds ${BYTES.length - 1}`),
  });
});

test('bytes behind the last tensor are refused', async () => {
  const longer = new Uint8Array(BYTES.length + 1);
  longer.set(BYTES);
  for (const chunkSizes of [[1], [1000]]) {
    for (const size of [longer.length, null, BYTES.length]) {
      await assert.rejects(readAll(fileOf(longer, { size, chunkSizes })), { code: 'bad-file' });
    }
  }
});

test('an error of the source comes through as it is', async () => {
  const cut = new SottoError('network', 'cut');
  for (const after of [0, 4, 20, HEADER_END + 5]) {
    const file = {
      name: 'x',
      size: null,
      async *stream() {
        yield BYTES.subarray(0, after);
        throw cut;
      },
    };
    await assert.rejects(readAll(file), (error) => error === cut);
  }
});

test("a wrong length of the header is refused, or costs no more than the file's bytes", async () => {
  const lengths = [0n, 1n, 100_000_001n, 2n ** 32n + 2n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
  for (const length of lengths) {
    const bytes = BYTES.slice();
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    const message = new RegExp(`given as ${length} bytes`);
    await assert.rejects(readAll(fileOf(bytes, { size: null })), { code: 'bad-file', message });
  }
  const bytes = BYTES.slice();
  new DataView(bytes.buffer).setBigUint64(0, 100_000_000n, true);
  const expected = { code: 'bad-file', message: /truncated: at least 100000008 bytes are expected/ };
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(readAll(fileOf(bytes, { size: null })), expected);
  assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
  await assert.rejects(readAll(fileOf(bytes)), { code: 'bad-file', message: /ends at byte 100000008/ });
});
