// The table of inputs per layer stays in its file where that can be read at any time, and is kept else.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LanguageModel } from 'sotto';
import { fileOfTensors, takeApart, tensorsOf } from './make-weights.mjs';
import { collectGarbage, filesOf, fixturePath, fixtureReference, load, sottoError } from './support.mjs';

const GREEDY = { temperature: 0, maxNewTokens: 12 };
const WEIGHTS_FILE = 'model.safetensors';
const SHARED = 'gemma4_text-shared';

const isOfTable = (name) => name.endsWith('embed_tokens_per_layer.weight');
const familyPath = (name) => fixturePath(`families/${name}`);
const promptOf = (name) => fixtureReference(`families/${name}`).cases[0].promptIds;
const tokensOf = async (model, promptIds) => (await model.generate(promptIds, GREEDY).result).tokenIds;

/** The table in the safetensors file of a folder: its shape, and where its bytes are. */
function tableOf(folder) {
  const file = new Uint8Array(readFileSync(folder + WEIGHTS_FILE));
  const { header, data } = takeApart(file);
  const { shape, data_offsets: offsets } = header[Object.keys(header).find(isOfTable)];
  const [begin, end] = offsets.map((offset) => file.length - data.length + offset);
  const [rows, columns] = shape;
  return { rows, columns, begin, end };
}

/** What a table takes in q4: panels of 8 rows, blocks of 32 weights, each of 18 bytes. */
const bytesInQ4 = ({ rows, columns }) => Math.ceil(rows / 8) * 8 * Math.ceil(columns / 32) * 18;

async function logitsOf(model, promptIds) {
  const session = await model.createSession();
  await session.append([...promptIds, 1, 2, 1]);
  const logits = Float32Array.from(await session.logits());
  await session.dispose();
  return logits;
}

const folders = [SHARED, 'gemma3n_text-three-streams', 'gemma4-nested', 'gemma3n-nested'];
const ggufs = ['gemma4_text-gguf', 'gemma3n_text-gguf'];
for (const name of [...folders, ...ggufs]) {
  const isGguf = ggufs.includes(name);
  const path = familyPath(name) + (isGguf ? 'model.gguf' : '');
  const table = tableOf(familyPath(name));

  test(`${path.slice(fixturePath('families').length)}: by path the table stays in its file`, async (t) => {
    const promptIds = promptOf(name);
    for (const weights of ['f32', 'q8', 'q4']) {
      const outside = await load(t, path, { weights });
      const kept = await load(t, isGguf ? readFileSync(path) : filesOf(path), { weights });
      assert.equal(outside.info.nParameters, kept.info.nParameters);
      const less = kept.info.weightBytes - outside.info.weightBytes;
      const logits = await logitsOf(outside, promptIds);
      if (weights === 'f32') {
        const size = 4 * table.rows * table.columns;
        assert.ok(less >= size && less < 1.15 * size, `${less} bytes less, of ${size}`);
        assert.deepEqual(logits, await logitsOf(kept, promptIds));
        assert.deepEqual(await tokensOf(outside, promptIds), await tokensOf(kept, promptIds));
      } else {
        assert.equal(less, bytesInQ4(table), weights);
        const { q4 } = outside.info.weightTypes;
        assert.deepEqual(kept.info.weightTypes, { ...outside.info.weightTypes, q4: (q4 ?? 0) + less });
        // Rows of the file are as precise as it is.
        assert.notDeepEqual(logits, await logitsOf(kept, promptIds));
      }
    }
  });
}

/** A copy of a fixture that may be changed. */
function copyOf(t, name) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sotto-rows-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(familyPath(name), folder, { recursive: true });
  return { folder, file: join(folder, WEIGHTS_FILE) };
}

for (const worker of [false, true]) {
  test(`a file that is cut short is told, and nothing is lost${worker ? ', in a worker' : ''}`, async (t) => {
    const { folder, file } = copyOf(t, SHARED);
    const { rows, begin, end } = tableOf(familyPath(SHARED));
    const whole = readFileSync(file);
    const model = await load(t, folder, { worker });
    const promptIds = promptOf(SHARED);
    const tokens = await tokensOf(model, promptIds);
    const session = await model.createSession();
    await session.append(promptIds);
    const logits = await session.logits();

    const isCut = sottoError('bad-file', new RegExp(`${file} held ${whole.length} bytes and now holds \\d+`));
    for (const cut of [begin, 0, end - 1]) {
      truncateSync(file, cut);
      const unreadable = [...promptIds, rows - 1];
      await assert.rejects(model.generate(unreadable, GREEDY).result, isCut);
      await assert.rejects(session.append(unreadable.slice(promptIds.length)), isCut);
      assert.equal(session.length, promptIds.length);
      assert.deepEqual(await session.logits(), logits);
    }
    // What is before the cut is read, also beside a call that fails.
    const without = { ...GREEDY, suppressTokens: [rows - 1] };
    const beside = model.generate(promptIds, without).result;
    await assert.rejects(model.generate([1, rows - 1], GREEDY).result, isCut);
    assert.equal((await beside).tokenIds.length, GREEDY.maxNewTokens);

    writeFileSync(file, whole);
    assert.deepEqual(await tokensOf(model, promptIds), tokens);
    assert.deepEqual((await session.generate(GREEDY).result).tokenIds, tokens);
  });
}

test('a file that is removed while a model has it is read on', async (t) => {
  const { folder } = copyOf(t, SHARED);
  const model = await load(t, folder);
  const promptIds = promptOf(SHARED);
  const tokens = await tokensOf(model, promptIds);
  rmSync(folder, { recursive: true });
  assert.deepEqual(await tokensOf(model, promptIds), tokens);
});

const DESCRIPTORS = '/proc/self/fd';

/** How often this process has a file open. */
function countOpen(file) {
  return readdirSync(DESCRIPTORS).filter((descriptor) => {
    try {
      return readlinkSync(join(DESCRIPTORS, descriptor)) === file;
    } catch {
      return false; // of the list itself
    }
  }).length;
}

/** What a file's tensors become by `change`. */
function rewrite(file, change) {
  writeFileSync(file, fileOfTensors(change(tensorsOf(new Uint8Array(readFileSync(file))))));
}

/** The table first, then what makes the loading fail, or begin again. */
const tableFirst = (tensors, others) => {
  const name = Object.keys(tensors).find(isOfTable);
  return { [name]: tensors[name], ...others };
};

test('dispose closes the file, and so does a load that fails', async (t) => {
  if (!existsSync(DESCRIPTORS)) return t.skip(`there is no ${DESCRIPTORS}`);
  const { folder, file } = copyOf(t, SHARED);
  for (const worker of [false, true]) {
    const model = await LanguageModel.load(folder, { worker });
    assert.equal(countOpen(file), 1, `worker: ${worker}`);
    await model.dispose();
    for (let tries = 50; tries > 0 && countOpen(file) > 0; tries--) await sleep(20); // a thread ends later
    assert.equal(countOpen(file), 0, `worker: ${worker}`);
  }

  const shared = [await LanguageModel.load(folder), await LanguageModel.load(folder)];
  assert.equal(countOpen(file), 1);
  await shared[0].dispose();
  await tokensOf(shared[1], [1]);
  await shared[1].dispose();
  assert.equal(countOpen(file), 0);

  await (async () => tokensOf(await LanguageModel.load(folder), [1]))(); // and forgotten
  for (let tries = 50; tries > 0 && countOpen(file) > 0; tries--) await collectGarbage();
  assert.equal(countOpen(file), 0);

  rewrite(file, (tensors) => {
    const [last] = Object.keys(tensors).filter((name) => name.endsWith('norm.weight'));
    const { [last]: _, ...others } = tensors;
    return tableFirst(tensors, others);
  });
  await assert.rejects(LanguageModel.load(folder), sottoError('missing-tensor'));
  assert.equal(countOpen(file), 0);
});

test('a head of its own begins the loading again, with the file open once', async (t) => {
  if (!existsSync(DESCRIPTORS)) return t.skip(`there is no ${DESCRIPTORS}`);
  const { folder, file } = copyOf(t, SHARED);
  rewrite(file, (tensors) => {
    const { shape, dtype, bytes } = tensors['model.embed_tokens.weight'];
    const head = { shape, dtype, bytes: new Uint8Array(bytes.length) };
    return tableFirst(tensors, { ...tensors, 'lm_head.weight': head });
  });
  const model = await LanguageModel.load(folder);
  assert.equal(countOpen(file), 1);
  await tokensOf(model, [1, 2]);
  await model.dispose();
  assert.equal(countOpen(file), 0);
});
