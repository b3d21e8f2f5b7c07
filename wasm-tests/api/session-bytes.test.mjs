// Sessions as bytes: they go on with the same bits wherever they are restored, and bytes that are not theirs are refused.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeFile } from '../formats/make-safetensors.mjs';
import { takeApart } from './make-weights.mjs';
import { assertSameBits, Random } from './session-reference.mjs';
import { familyWithRoom, filesOf, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const HEADER_BYTES = 40;
const SECTION_BYTES = 16; // in front of each part behind the header
const greedy = { temperature: 0, maxNewTokens: 10 };

for (const weights of ['f32', 'q8', 'q4']) {
  test(`${weights}: a restored session goes on as the saved one, in every variant`, async (t) => {
    const model = await load(t, storiesPath, { weights, variant: 'simd', threads: 1 });
    const session = await model.createSession();
    await session.append('Once upon a time there was a little girl who had a red ball and a blue ball');
    await session.truncate(session.length - 1);
    await session.append(' ball');
    const bytes = await session.save();
    const logits = await session.logits();
    const { tokenIds } = await session.generate(greedy).result;
    for (const variant of ['simd', 'simd-threads', 'relaxed', 'relaxed-threads']) {
      const other = await load(t, storiesPath, { weights, variant });
      const restored = await other.restoreSession(bytes);
      assertSameBits(await restored.save(), bytes, 'saved again');
      assertSameBits(await restored.logits(), logits, 'logits');
      assert.deepEqual((await restored.generate(greedy).result).tokenIds, tokenIds, variant);
      assert.deepEqual(await restored.tokens(), await session.tokens());
    }
  });
}

test('bytes go on in another process', async (t) => {
  const model = await load(t, storiesPath, { weights: 'q8' });
  const session = await model.createSession();
  await session.append('Once upon a time');
  const bytes = await session.save();
  const script = `
    import { LanguageModel } from 'sotto';
    const model = await LanguageModel.load(${JSON.stringify(storiesPath)}, { weights: 'q8', variant: 'simd', threads: 1 });
    const chunks = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    const session = await model.restoreSession(Buffer.concat(chunks));
    const { tokenIds } = await session.generate({ temperature: 0.9, seed: 5, maxNewTokens: 20 }).result;
    console.log(JSON.stringify(tokenIds));
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('../../', import.meta.url),
    timeout: 60_000,
  });
  run.child.stdin.end(bytes);
  const { tokenIds } = await session.generate({ temperature: 0.9, seed: 5, maxNewTokens: 20 }).result;
  assert.deepEqual(JSON.parse((await run).stdout), tokenIds);
});

test('the same session has the same bytes, whatever happened before to its pages', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const [plain, used] = [await model.createSession(), await model.createSession()];
  await plain.append([1, 2, 3]);
  await used.append(new Random(1).ids(70, 1003));
  await used.truncate(0);
  await used.append([1, 2, 3, 9, 9]);
  const fork = await used.fork();
  await fork.append([1, 2, 3]);
  await used.truncate(2);
  await used.append([3]);
  assertSameBits(await used.save(), await plain.save(), 'nothing of forgotten tokens is told');
});

test('an empty session, and one without logits, can be saved', async (t) => {
  const model = await load(t, fixturePath('odd-8'));
  const session = await model.createSession();
  const empty = await model.restoreSession(await session.save());
  assert.equal(empty.length, 0);
  await empty.append([1, 2, 3, 4]);
  const logits = await empty.logits();
  await session.append([1, 2, 3, 4, 5]);
  await session.truncate(4);
  const restored = await model.restoreSession(await session.save());
  assertSameBits(await restored.logits(), logits, 'logits');
});

test('any view of the bytes will do, and they stay the caller’s', async (t) => {
  const model = await load(t, fixturePath('odd-8'));
  const session = await model.createSession();
  await session.append([1, 2, 3]);
  const bytes = await session.save();
  const shifted = new Uint8Array(bytes.length + 5);
  shifted.set(bytes, 3);
  const views = [bytes, bytes.buffer, new DataView(bytes.buffer), shifted.subarray(3, 3 + bytes.length)];
  for (const view of views) {
    const restored = await model.restoreSession(view);
    assert.deepEqual([...(await restored.tokens())], [1, 2, 3]);
    assert.equal(view.byteLength, bytes.length);
  }
});

test('sessions of other models and other weights are refused', async (t) => {
  const path = fixturePath('odd-60');
  const model = await load(t, path);
  const session = await model.createSession();
  await session.append([1, 2, 3]);
  const bytes = await session.save();
  const { header, data } = takeApart(filesOf(path)['model.safetensors']);
  const changed = data.slice();
  const [begin] = header['transformer.h.1.mlp.c_fc.weight'].data_offsets;
  changed[begin + 3] ^= 0x80; // the sign of one weight of many
  const others = [
    await load(t, fixturePath('odd-42')),
    await load(t, fixturePath('odd-66')),
    await load(t, path, { weights: 'q8' }),
    await load(t, path, { weights: 'q4' }),
    await load(t, filesOf(path, { 'model.safetensors': makeFile(header, changed) })),
  ];
  for (const other of others) {
    await assert.rejects(
      other.restoreSession(bytes),
      sottoError('bad-session', /another model|other weights/),
    );
    assert.equal((await other.memory()).kvPages, 0);
  }
});

for (const [name, source, nTokens] of [
  ['GPT-2', fixturePath('odd-42'), 40],
  ['recurrent layers', familyWithRoom('lfm2-tied'), 40],
  ['windows that have left pages behind', familyWithRoom('gemma3_text-tied'), 250],
]) {
  test(`${name}: bytes that are cut, changed or none are refused, and nothing of them stays`, (t) =>
    refuseDamage(t, source, nTokens));
}

async function refuseDamage(t, source, nTokens) {
  const model = await load(t, source, { weights: 'q8' });
  const { vocabSize } = model.info;
  const session = await model.createSession();
  await session.append(new Random(1).ids(nTokens, vocabSize));
  const bytes = await session.save();
  const before = await model.memory();
  const refused = (wrong, what, message) =>
    assert.rejects(model.restoreSession(wrong), sottoError('bad-session', message), what);

  const tokens = HEADER_BYTES + SECTION_BYTES;
  const logits = tokens + 4 * nTokens + SECTION_BYTES;
  const pages = logits + 4 * vocabSize + SECTION_BYTES;
  const borders = [0, 1, 8, 12, HEADER_BYTES, tokens, logits, pages, bytes.length - 8, bytes.length];
  for (const border of borders) {
    for (const length of [border - 1, border, border + 1, border + 100]) {
      if (length >= 0 && length < bytes.length) await refused(bytes.slice(0, length), `cut at ${length}`);
    }
  }
  await refused(Uint8Array.of(...bytes, 0), 'a byte too many', /bytes/);
  await refused(new Uint8Array(bytes.length), 'zeros', /not made by save/);

  const version = bytes.slice();
  version[8] = 1;
  await refused(version, 'an earlier version', /version 1.*reads version 2/);

  const random = new Random(2);
  const places = [
    ...Array.from({ length: 8 * tokens }, (_, bit) => bit),
    ...Array.from({ length: 8 * SECTION_BYTES }, (_, bit) => 8 * (pages - SECTION_BYTES) + bit),
    ...Array.from({ length: 64 }, (_, bit) => 8 * (bytes.length - 8) + bit), // the checksum
    ...Array.from({ length: 400 }, () => random.integer(0, 8 * bytes.length - 1)),
  ];
  for (const bit of places) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    await refused(flipped, `bit ${bit & 7} of byte ${bit >> 3}`);
  }
  const swapped = bytes.slice();
  swapped.set(bytes.subarray(tokens, tokens + 4), tokens + 4);
  swapped.set(bytes.subarray(tokens + 4, tokens + 8), tokens);
  await refused(swapped, 'two tokens swapped');

  for (const none of [undefined, null, 'bytes', 7, [1, 2], {}]) {
    await assert.rejects(model.restoreSession(none), sottoError('bad-option', /ArrayBuffer/));
  }
  const { bytesInUse, kvPages } = await model.memory();
  assert.deepEqual({ bytesInUse, kvPages }, { bytesInUse: before.bytesInUse, kvPages: before.kvPages });
  const restored = await model.restoreSession(bytes);
  assertSameBits(await restored.save(), bytes, 'saved again');
  const ids = new Random(3).ids(20, vocabSize);
  for (const one of [session, restored]) await one.append(ids);
  assertSameBits(await restored.logits(), await session.logits(), 'what follows');
}
