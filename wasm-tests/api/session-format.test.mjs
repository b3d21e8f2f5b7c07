// Bytes that an earlier build saved: as long as the format has the same number, they are restored.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MODEL, TOKENS, WEIGHTS } from './saved-session.mjs';
import { fixturePath, load } from './support.mjs';

const BYTES = new Uint8Array(readFileSync(new URL('../fixtures/saved-session.bin', import.meta.url)));

const AGAIN = 'count kVersion of src/engine/session_bytes.cc up, then node tools/fixtures/write-session.mjs';

test('a session of an earlier build is restored, and goes on as one made anew', async (t) => {
  const model = await load(t, fixturePath(MODEL), { weights: WEIGHTS });
  const anew = await model.createSession();
  await anew.append(TOKENS);
  const restored = await model.restoreSession(BYTES).catch((cause) => {
    throw new Error(AGAIN, { cause });
  });
  assert.deepEqual([...(await restored.tokens())], TOKENS);
  assert.deepEqual(await restored.save(), BYTES, AGAIN);
  const options = { temperature: 0, maxNewTokens: 8 };
  const { tokenIds } = await restored.generate(options).result;
  assert.deepEqual(tokenIds, (await anew.generate(options).result).tokenIds);
});
