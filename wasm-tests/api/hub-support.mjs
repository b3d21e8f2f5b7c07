// What the tests of models by name share: small models on a hub of this machine, kept in a folder that ends with the tests.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { LanguageModel, SottoError } from 'sotto';
import { startHub } from '../sources/hub-server.mjs';
import { ID, tokensOf } from './hub-tokens.mjs';
import { randomModel } from './make-weights.mjs';
import { Random } from './session-reference.mjs';
import { filesOf, fixturePath } from './support.mjs';

export { ID, tokensOf };

export const TOKEN = 'hf_secretOfTheTests';

/** One file of weights, no tokenizer. */
export const TINY = filesOf(fixturePath('odd-8'), { 'reference.json': null });

/** Its weights are three files. */
export const SHARDED = filesOf(fixturePath('odd-66'));

/** Weights of 5 MB, which are two blocks. */
export const LARGE = randomModel(
  { n_positions: 64, n_embd: 144, n_head: 4, n_layer: 4, vocab_size: 1600 },
  new Random(1),
);

/** A small model, of which no two seeds give the same. */
export function madeModel(seed) {
  const shape = { n_positions: 32, n_embd: 16, n_head: 2, n_layer: 1, vocab_size: 64 };
  return randomModel(shape, new Random(seed));
}

/** What it must say: loaded from memory, and each once only. */
export function expectedOf(files) {
  if (!expected.has(files)) {
    const outcome = LanguageModel.load(files).then(async (model) => {
      const tokens = await tokensOf(model);
      await model.dispose();
      return tokens;
    });
    expected.set(files, outcome);
  }
  return expected.get(files);
}
const expected = new Map();

/** Keeps what this file's tests load in a folder of its own, and gives its path. */
export function ownCache() {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-hub-'));
  process.env.SOTTO_CACHE = folder;
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty folder, until the test ends. */
export function newFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-hub-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A hub with one model, until the test ends; `files` are its main's. */
export async function hubOf(t, files, { repo = {}, ...settings } = {}) {
  const hub = await startHub({ repos: { [ID]: { files, ...repo } }, ...settings });
  let isOpen = true;
  const close = hub.close.bind(hub);
  hub.close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await close();
  };
  t.after(() => hub.close());
  return hub;
}

/** Loads a model, and says that its tokens are the right ones. @returns its info */
export async function assertLoads(source, options, files) {
  const model = await LanguageModel.load(source, options);
  try {
    assert.deepEqual(await tokensOf(model), await expectedOf(files));
    return model.info;
  } finally {
    await model.dispose();
  }
}

/** The error that a load must end with; no token may be in it, wherever. */
export async function refusalOf(source, options) {
  const error = await LanguageModel.load(source, options).then(
    (model) => model.dispose().then(() => assert.fail('it loaded')),
    (reason) => reason,
  );
  assert.ok(error instanceof SottoError, `not a SottoError: ${error?.stack ?? error}`);
  for (let at = error; at instanceof Error; at = at.cause)
    assert.ok(!`${at.stack} ${at.message}`.includes(TOKEN), at.stack);
  return error;
}

/** The bytes that a hub has sent of its large files, or of another route. */
export function bytesSent(hub, kind = 'cdn') {
  return hub.log.filter((entry) => entry.kind === kind).reduce((sum, entry) => sum + entry.bytesSent, 0);
}
