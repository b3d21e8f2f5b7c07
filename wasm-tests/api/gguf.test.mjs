// Models that are one GGUF file, or parts of one: from an address, a path, a File, bytes; and what is wrong with them.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LanguageModel } from 'sotto';
import { writeGguf } from '../formats/gguf-writer.mjs';
import { readGguf } from '../formats/read-gguf.mjs';
import { filesHandler, serve } from '../sources/file-server.mjs';
import { fixturePath } from './support.mjs';

const PATH = `${fixturePath('families/llama-llama3')}model.gguf`;
const BYTES = new Uint8Array(readFileSync(PATH));
const REFERENCE = JSON.parse(readFileSync(`${fixturePath('families/llama-llama3')}reference.json`, 'utf8'));

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-gguf-'));
});
after(() => rmSync(folder, { recursive: true }));

/** That a source is the fixture: its greedy tokens are those of the reference. */
async function assertIsFixture(source, options) {
  const model = await LanguageModel.load(source, options);
  try {
    const { promptIds, greedy } = REFERENCE.cases[1];
    const options = { maxNewTokens: greedy.tokenIds.length, temperature: 0 };
    const { tokenIds } = await model.generate(promptIds, options).result;
    assert.deepEqual(tokenIds, greedy.tokenIds.slice(0, tokenIds.length));
    assert.ok(tokenIds.length > 3);
    assert.equal(model.info.architecture, 'llama');
    assert.equal(model.info.fileType, 'F32');
  } finally {
    await model.dispose();
  }
}

/** The fixture in parts, as llama.cpp splits it: the first has the metadata. */
function splitFixture(nParts, change = (part) => part) {
  const { metadata, tensors, bytesOf } = readGguf(BYTES);
  const typeOf = (value) => {
    if (typeof value === 'string') return 'string';
    if (typeof value === 'boolean') return 'bool';
    if (value instanceof Int32Array) return ['i32'];
    if (value instanceof Float32Array) return ['f32'];
    if (Array.isArray(value)) return [typeof value[0] === 'string' ? 'string' : 'u32'];
    return Number.isInteger(value) ? 'u32' : 'f32';
  };
  const all = [...metadata].map(([key, value]) => [key, typeOf(value), value]);
  const each = Math.ceil(tensors.length / nParts);
  return Array.from({ length: nParts }, (_, no) => {
    const part = change(
      {
        no,
        count: nParts,
        total: tensors.length,
        tensors: tensors.slice(no * each, (no + 1) * each),
      },
      no,
    );
    const bytes = writeGguf({
      metadata: [
        ...(no === 0 ? all : []),
        ['split.no', 'u16', part.no],
        ['split.count', 'u16', part.count],
        ['split.tensors.count', 'i32', part.total],
      ],
      tensors: part.tensors.map(({ name, shape }) => ({
        name,
        dims: shape.toReversed(),
        type: 0,
        bytes: bytesOf(name),
      })),
    });
    return [partName(no, nParts), bytes];
  });
}

const partName = (no, count) =>
  `m-${String(no + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`;

const asFiles = (parts) => parts.map(([name, bytes]) => new File([bytes], name));

for (const [name, source] of Object.entries({
  'a path': PATH,
  'a file: URL': pathToFileURL(PATH),
  'a File': new File([BYTES], 'any name.GGUF'),
  'a Blob without a name': new Blob([BYTES]),
  'a list of one File': [new File([BYTES], 'm.gguf')],
  'bytes without a name': BYTES,
  'an ArrayBuffer': BYTES.slice().buffer,
  'bytes by name': { 'm.gguf': BYTES },
  'a File beside a projection of images': [new File([BYTES], 'm.gguf'), new File(['x'], 'mmproj-m.gguf')],
})) {
  test(`a model from ${name}`, () => assertIsFixture(source));
}

for (const ranges of [true, false]) {
  test(`a model from a server ${ranges ? 'with' : 'without'} ranges`, async (t) => {
    const requests = [];
    const files = filesHandler({ 'a b.gguf': BYTES }, { ranges });
    const address = await serve(t, (request, response, url) => {
      requests.push(request.headers.range ?? 'whole');
      files(request, response, url);
    });
    await assertIsFixture(`${address}/models/a%20b.gguf`);
    // The header, the factors of positions, the weights.
    assert.deepEqual(
      requests,
      ranges ? ['whole', 'bytes=2048-', 'bytes=2048-'] : ['whole', 'whole', 'whole'],
    );
  });
}

test('a model in parts, from any of them', async (t) => {
  const parts = splitFixture(3);
  for (const [name, bytes] of parts) writeFileSync(join(folder, name), bytes);
  for (const [name] of parts) await assertIsFixture(join(folder, name));
  await assertIsFixture(asFiles(parts.toReversed()));
  await assertIsFixture(Object.fromEntries(parts));
  const address = await serve(t, filesHandler(Object.fromEntries(parts), { ranges: true }));
  await assertIsFixture(`${address}/models/${parts[1][0]}`);
});

test('a folder beside other files of the model is one with a .gguf', async () => {
  const inside = join(folder, 'inside');
  mkdirSync(inside);
  copyFileSync(PATH, join(inside, 'model.gguf'));
  await assertIsFixture(join(inside, 'model.gguf'), { weights: 'f32' });
});

const part = ([, bytes]) => bytes;

const CASES = {
  'a part that is missing': () => [
    asFiles(splitFixture(3).slice(0, 2)),
    'file-not-found',
    /m-00003-of-00003\.gguf/,
  ],
  'parts of two counts': () => [
    asFiles(splitFixture(2, (one, no) => (no === 1 ? { ...one, count: 3 } : one))),
    'bad-file',
    /m-00002-of-00002\.gguf: its metadata say that it is part 2 of 3/,
  ],
  'a part in another one’s place': () => [
    { [partName(0, 2)]: part(splitFixture(2)[1]), [partName(1, 2)]: part(splitFixture(2)[0]) },
    'bad-file',
    /its metadata say that it is part 2 of 2/,
  ],
  'parts of two models': () => [
    asFiles(splitFixture(2, (one, no) => (no === 1 ? { ...one, total: 99 } : one))),
    'bad-file',
    /m-00002-of-00002\.gguf: it is a part of a model of 99 tensors/,
  ],
  'a tensor in two parts': () => [
    asFiles(
      splitFixture(2, (one, no) =>
        no === 1 ? { ...one, tensors: readGguf(BYTES).tensors.slice(0, 3) } : one,
      ),
    ),
    'bad-file',
    /stands in "m-00001-of-00002\.gguf", too/,
  ],
  'parts that lack tensors': () => [
    asFiles(splitFixture(2, (one) => ({ ...one, tensors: one.tensors.slice(0, -1) }))),
    'bad-file',
    /all its parts have \d+ tensors together, and these have \d+/,
  ],
  'a part under a name that tells nothing': () => [
    { 'm.gguf': part(splitFixture(2)[0]) },
    'bad-file',
    /m\.gguf: it is part 1 of 2, and its name does not say so/,
  ],
  'two models': () => [
    [new File([BYTES], 'a.gguf'), new File([BYTES], 'b.gguf')],
    'bad-option',
    /2 models \(a\.gguf, b\.gguf\): give the file of one/,
  ],
  'one File of another kind': () => [
    new File(['x'], 'model.safetensors'),
    'bad-option',
    /is no \.gguf: put all files/,
  ],
  'bytes of another kind': () => [
    new Uint8Array(100),
    'bad-option',
    /bytes without a name that are no GGUF file/,
  ],
  'a Blob of another kind': () => [new Blob(['<html><p>hello']), 'bad-file', /no GGUF file: it is a page/],
  'a file that is cut': () => [new Blob([BYTES.subarray(0, 40_000)]), 'bad-file', /is truncated/],
  'a file that is not there': () => [join(folder, 'none.gguf'), 'file-not-found', /none\.gguf/],
  'an address that ends with .safetensors': () => [
    'https://example.org/a/model.safetensors',
    'bad-option',
    /is a file/,
  ],
};

for (const [name, makeCase] of Object.entries(CASES)) {
  test(`${name} is refused`, async () => {
    const [source, code, message] = makeCase();
    await assert.rejects(LanguageModel.load(source), (error) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    });
  });
}

test('where the server does not say how long a file is, its end is found when it comes', async (t) => {
  const address = await serve(t, (_, response) => {
    response.writeHead(200); // chunked
    response.end(BYTES.subarray(0, 40_000));
  });
  await assert.rejects(LanguageModel.load(`${address}/models/m.gguf`), {
    code: 'bad-file',
    message: /truncated/,
  });
});

test('recommended sampling, end tokens, names and licence are the model’s', async () => {
  const { metadata, tensors, bytesOf } = readGguf(BYTES);
  const [hasVocabulary] = [metadata.has('tokenizer.ggml.tokens')];
  const kept = ['general.architecture', ...[...metadata.keys()].filter((key) => key.startsWith('llama.'))];
  const bytes = writeGguf({
    metadata: [
      ...kept.map((key) => {
        const value = metadata.get(key);
        const type = typeof value === 'string' ? 'string' : Number.isInteger(value) ? 'u32' : 'f32';
        return [key, type, value];
      }),
      ['general.name', 'string', 'A name'],
      ['general.license', 'string', 'apache-2.0'],
      ['general.file_type', 'u32', 15],
      ['general.sampling.temp', 'f32', 0.7],
      ['general.sampling.top_k', 'i32', 20],
      ['general.sampling.top_p', 'f32', 0.95],
      ['general.sampling.mirostat', 'i32', 2],
    ],
    tensors: tensors.map(({ name, shape }) => ({
      name,
      dims: shape.toReversed(),
      type: 0,
      bytes: bytesOf(name),
    })),
  });
  const model = await LanguageModel.load(bytes);
  const { name, license, fileType, generationDefaults, ignoredDefaults } = model.info;
  await model.dispose();
  assert.deepEqual(
    { name, license, fileType },
    { name: 'A name', license: 'apache-2.0', fileType: 'Q4_K_M' },
  );
  assert.equal(generationDefaults.temperature, 0.7);
  assert.equal(generationDefaults.topK, 20);
  assert.equal(generationDefaults.topP, 0.95);
  assert.deepEqual(ignoredDefaults, { 'general.sampling.mirostat': 2 });
  assert.ok(hasVocabulary || !model.info.hasTokenizer);
});
