// What the tests of the public API share: models to load, ways to break them, servers to load them from.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AbortError, LanguageModel, SottoError } from 'sotto';

const repository = new URL('../../', import.meta.url);

/** The embedded model: a tokenizer, sampling by default. */
export const storiesPath = fileURLToPath(new URL('demo/models/tiny-stories/', repository));

/** The most tokens of prompt and answer that it takes. */
export const storiesContext = readJson('demo/models/tiny-stories/config.json').n_positions;

/** What transformers generates with it. The prompts there spell the token that this tokenizer puts before a text. */
export function storiesCases() {
  const { cases } = readJson('wasm-tests/fixtures/stories/reference.json');
  const textOf = (prompt) => prompt.replace(/^<\|endoftext\|>/, '');
  return cases.map((known) => ({ ...known, prompt: textOf(known.prompt) || known.promptIds }));
}

export const fixtureNames = ['odd-60', 'odd-42', 'odd-66', 'odd-8'];

export function fixturePath(name) {
  return fileURLToPath(new URL(`wasm-tests/fixtures/${name}/`, repository));
}

/** A fixture's reference, with a function that gives the floats of a block. */
export function fixtureReference(name) {
  const bytes = readFileSync(`${fixturePath(name)}reference.bin`);
  const floats = new Float32Array(new Uint8Array(bytes).buffer);
  const read = ({ offset, rows, columns }) => floats.subarray(offset, offset + rows * columns);
  return { ...readJson(`wasm-tests/fixtures/${name}/reference.json`), read };
}

function readJson(path) {
  const text = readFileSync(new URL(path, repository), 'utf8');
  return JSON.parse(text.replaceAll(/(?<!")\bInfinity\b/g, '{"__float__": "Infinity"}')); // transformers writes both
}

/** The files of a model as bytes by name, some of them replaced, or removed where the replacement is null. */
export function filesOf(folder, replacements = {}) {
  const names = readdirSync(folder).filter((name) => /\.(?:json|safetensors)$/.test(name));
  const files = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))]),
  );
  for (const [name, content] of Object.entries(replacements)) {
    if (content === null) delete files[name];
    else files[name] = content instanceof Uint8Array ? content : jsonBytes(content);
  }
  return files;
}

/** A fixture of a family with 600 tokens of context; with two sets of rotary factors, texts of more than 60 take the long ones. */
export function familyWithRoom(name) {
  const path = `families/${name}`;
  const longer = { max_position_embeddings: 600, original_max_position_embeddings: 60 };
  return filesOf(fixturePath(path), { 'config.json': changedConfig(path, longer) });
}

export function jsonBytes(value) {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A config.json of a fixture with some values changed. */
export function changedConfig(name, changes) {
  return { ...readJson(`wasm-tests/fixtures/${name}/config.json`), ...changes };
}

/** What `assert.rejects` and `assert.throws` take to check for a SottoError. */
export function sottoError(code, message = /./) {
  return (error) => {
    assert.ok(error instanceof SottoError, `not a SottoError: ${error?.stack ?? error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

/** Loads a model that is disposed when the test ends. */
export async function load(t, source, options) {
  const model = await LanguageModel.load(source, options);
  t.after(() => model.dispose());
  return model;
}

/** Says that a model still works, by a greedy generation with a known outcome. */
export async function assertStillWorks(model) {
  const { prompt, tokenIds } = storiesCases()[0];
  const result = await model.generate(prompt, { maxNewTokens: 8, temperature: 0 }).result;
  assert.deepEqual(result.tokenIds, tokenIds.slice(0, 8));
}

/** Serves files over HTTP until the test ends; a file may be a function that answers by itself. */
export async function serveFiles(t, files) {
  const requests = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url.replace(/^\/model\//, ''));
    requests.push(name);
    const file = files[name];
    if (typeof file === 'function') return file(response);
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': file.byteLength }).end(file);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/model/`, requests };
}

/** Collects garbage for real, what finalizers set free included. */
export async function collectGarbage() {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All pieces of a generation. */
export async function collect(pieces) {
  const all = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** What an aborted generation holds. */
export async function aborted(generation) {
  const error = await generation.result.then(
    ({ finishReason }) => assert.fail(`ended by ${finishReason}`),
    (reason) => reason,
  );
  assert.ok(error instanceof AbortError, `not an AbortError: ${error?.stack ?? error}`);
  assert.equal(error.name, 'AbortError');
  assert.equal(error.result.finishReason, 'aborted');
  return error.result;
}
