import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { memoryRows } from '../../build/web/cli/memory.js';
import { fixturePath, storiesPath } from '../api/support.mjs';
import { sotto } from './program.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-info-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const infoOf = async (...args) => {
  const { code, stdout, stderr } = await sotto(['info', ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout;
};

const GGUF = `${fixturePath('families/llama-tied')}model.gguf`;

/** What of `model.info` the files alone tell. */
const TOLD = [
  'name',
  'license',
  'fileType',
  'architecture',
  'contextLength',
  'vocabSize',
  'nLayers',
  'nHeads',
  'nKvHeads',
  'headDim',
  'hiddenSize',
  'nParameters',
  'chatTemplates',
  'eosTokenIds',
];

for (const [what, source, differs] of [
  ['a folder', storiesPath, { license: 'mit' }], // which its README.md says
  ['a folder of shards', fixturePath('odd-66'), {}],
  ['a GGUF file', GGUF, {}],
]) {
  test(`info --json says of ${what} what a loaded model says`, async () => {
    const told = JSON.parse(await infoOf(source, '--json'));
    const model = await LanguageModel.load(source);
    for (const name of TOLD) assert.deepEqual(told[name], differs[name] ?? model.info[name], name);
    assert.equal(told.tokenizer !== null, model.info.hasTokenizer);
    await model.dispose();
  });
}

test('the tensors are counted by type, with their bytes', async () => {
  const { tensors, files } = JSON.parse(await infoOf(storiesPath, '--json'));
  const bytes = readFileSync(`${storiesPath}model.safetensors`);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  const all = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const sum = all.reduce(
    (
      total,
      [
        ,
        {
          data_offsets: [begin, end],
        },
      ],
    ) => total + end - begin,
    0,
  );
  assert.deepEqual(tensors, [{ type: 'F16', count: all.length, bytes: sum }]);
  const weights = files.find(({ name }) => name === 'model.safetensors');
  assert.equal(weights.size, bytes.byteLength);
});

test('the text has it in words', async () => {
  const text = await infoOf(storiesPath);
  assert.match(text, /^licence +mit$/m);
  assert.match(text, /^architecture +gpt2$/m);
  assert.match(text, /^parameters +5\.4 million$/m);
  assert.match(text, /^context +512 tokens$/m);
  assert.match(text, /^tokenizer +BPE, \d+ tokens, 1 added$/m);
  assert.match(text, /^sampling +temperature 0\.8, top_k 40, top_p 0\.9$/m);
  assert.match(text, /^tensors\n {2}F16 +76 +10\.8 MB$/m);
  assert.match(text, /^ {2}model\.safetensors +10\.8 MB$/m);
  assert.match(await infoOf(GGUF), /^ {2}model\.gguf +/m);
});

test('the weights are not read', async () => {
  const copy = join(folder, 'holes');
  cpSync(storiesPath, copy, { recursive: true });
  const file = join(copy, 'model.safetensors');
  const { size } = statSync(file);
  const bytes = readFileSync(file);
  const headerBytes = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, headerBytes).toString());
  // A tensor of 64 GB more, in a file with a hole: to read it would take minutes.
  const hole = 64e9;
  const end = size - headerBytes;
  header['h.0.attn.masked_bias'] = { dtype: 'F16', shape: [hole / 2], data_offsets: [end, end + hole] };
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.byteLength));
  writeFileSync(file, Buffer.concat([prefix, text]));
  truncateSync(file, 8 + text.byteLength + end + hole);
  const begin = performance.now();
  const { tensors } = JSON.parse(await infoOf(copy, '--json'));
  assert.equal(tensors[0].bytes, end + hole);
  assert.ok(performance.now() - begin < 20_000);
});

test('--template prints one template as it is, and tells the names of those that there are', async () => {
  const copy = join(folder, 'templates');
  cpSync(storiesPath, copy, { recursive: true });
  const config = JSON.parse(readFileSync(join(copy, 'tokenizer_config.json'), 'utf8'));
  const templates = [
    { name: 'default', template: '{% for m in messages %}{{ m.content }}\n{% endfor %}' },
    { name: 'rag', template: 'one line\n' },
  ];
  writeFileSync(join(copy, 'tokenizer_config.json'), JSON.stringify({ ...config, chat_template: templates }));
  assert.match(await infoOf(copy), /^chat templates +default, rag$/m);
  assert.equal(await infoOf(copy, '--template', 'default'), `${templates[0].template}\n`);
  assert.equal(await infoOf(copy, '--template', 'rag'), 'one line\n');
  const { code, stderr } = await sotto(['info', copy, '--template', 'tools']);
  assert.match(stderr, /--template: there is no chat template "tools"; there are default, rag/);
  assert.equal(code, 2);
});

test('names with control characters cannot steer a terminal', async () => {
  const bytes = readFileSync(GGUF);
  const at = bytes.indexOf('general.name');
  assert.ok(at > 0);
  // Behind the key: the type (4 bytes), the length (8), the text.
  bytes[at + 'general.name'.length + 12] = 0x1b;
  const file = join(folder, 'named.gguf');
  writeFileSync(file, bytes);
  assert.match(await infoOf(file), /^name +\ufffd/m);
});

test('what is no model is told', async () => {
  const empty = mkdtempSync(join(folder, 'empty-'));
  const { code, stderr } = await sotto(['info', empty]);
  assert.match(stderr, /^sotto: config\.json is missing: .* \(file-not-found\)\n$/);
  assert.equal(code, 1);
});

const canEstimate = 'estimate' in LanguageModel;

test('the memory is told for each type of weights', {
  skip: canEstimate ? false : 'this version of the library does not estimate',
}, async () => {
  const { byWeights } = await LanguageModel.estimate(storiesPath);
  const text = await infoOf(storiesPath);
  for (const row of memoryRows({ byWeights })) {
    const words = row.filter((cell) => cell !== '').map((cell) => cell.replaceAll('.', '\\.'));
    assert.match(text, new RegExp(`^ {2}${words.join(' +')}$`, 'm'));
  }
});

test('a row of memory says what was asked for, what it becomes, and whether it fits', () => {
  const memory = { weights: 1.5e9, total: 2e9 };
  const byWeights = {
    auto: { weights: 'q8', memory, fits: true },
    f32: { weights: 'f32', memory: { weights: 6e9, total: 6.5e9 }, fits: false },
  };
  assert.deepEqual(memoryRows({ byWeights }), [
    ['auto: q8', '1.5 GB of weights', '2.0 GB with a text', ''],
    ['f32', '6.0 GB of weights', '6.5 GB with a text', 'too much here'],
  ]);
});
