// What every family of decoders passes, on tiny models that transformers made and ran.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { mapModel } from '../../build/web/architectures/architectures.js';
import { countParameters } from '../../build/web/architectures/count-parameters.js';
import { toTensorRequest } from '../../build/web/architectures/placement.js';
import { parseJsonFile } from '../../build/web/formats/json.js';
import { parseSafetensorsHeader } from '../../build/web/formats/safetensors.js';
import { appendInChunks, assertGreedyOfReference, greedy, loadIntoEngine } from '../api/engine-support.mjs';
import { fixturePath, fixtureReference, load } from '../api/support.mjs';

const allNames = readdirSync(fixturePath('families'));

/** Tests the fixtures whose names begin with the family's and a hyphen. */
export function testFamily(family) {
  const names = allNames.filter((name) => name.startsWith(`${family}-`)).map((name) => `families/${name}`);
  test(`${family} has fixtures`, () => assert.ok(names.length > 0));
  for (const name of names) {
    test(`${name}: the file's tensors are the model's weights, each once`, () => checkTensors(name));
    test(`${name}: logits are within 1e-3 of the reference's range`, (t) => checkLogits(t, name));
    test(`${name}: hidden states are within 1e-3 of the reference's range`, (t) =>
      checkHiddenStates(t, name));
    test(`${name}: greedy tokens equal the reference's`, (t) => assertGreedyOfReference(t, name));
    for (const weights of ['f32', 'q8', 'q4']) {
      test(`${name}, ${weights}: the same bits however it is read`, (t) => checkReading(t, name, weights));
      test(`${name}, ${weights}: the same tokens in batches, with drafts, from saved sessions`, (t) =>
        checkRunning(t, name, weights));
    }
  }
}

/** As Python writes it. */
export const readConfig = (name) =>
  parseJsonFile(readFileSync(`${fixturePath(name)}config.json`), 'config.json');

function checkTensors(name) {
  const mapping = mapModel(readConfig(name));
  const file = readFileSync(`${fixturePath(name)}model.safetensors`);
  const header = new Uint8Array(file.subarray(8, 8 + Number(file.readBigUInt64LE())));
  let nWeights = 0;
  for (const tensor of parseSafetensorsHeader(header, name, file.length)) {
    const placement = mapping.tensor(tensor.name);
    assert.notEqual(placement, null, tensor.name);
    if (placement === 'skip') continue;
    const { rows, columns } = toTensorRequest(placement, tensor);
    nWeights += rows * columns;
  }
  assert.equal(nWeights, countParameters(mapping.config));
}

/** @param [loader] What puts the fixture into an engine, from another of its files */
export async function checkLogits(t, name, loader = loadIntoEngine) {
  const { engine, model } = await loader(t, name);
  const { cases, vocabSize, read } = fixtureReference(name);
  for (const { promptIds, positions, logits, logitRange } of cases) {
    const session = model.createSession();
    const actual = appendInChunks(session, promptIds, engine.maxChunk, vocabSize);
    const expected = read(logits);
    for (const [row, position] of positions.entries()) {
      for (let id = 0; id < vocabSize; id++) {
        const difference = Math.abs(actual[position * vocabSize + id] - expected[row * vocabSize + id]);
        const where = `position ${position} of ${promptIds.length}, id ${id}`;
        assert.ok(difference <= 1e-3 * logitRange, `${difference} of ${logitRange}, ${where}`);
      }
    }
    session.dispose();
  }
}

/** Of a model with several streams the reference has all of them side by side, a session the active one. */
async function checkHiddenStates(t, name) {
  const { model } = await loadIntoEngine(t, name);
  const { hiddenSize, layers: kinds, altUp } = model.config;
  const { hiddenStates, cases, read } = fixtureReference(name);
  const session = model.createSession();
  session.tap(['hidden']);
  session.append(cases[hiddenStates.case].promptIds);
  const { hidden } = session.taps();
  const layers = kinds.slice(1).map((_, layer) => `layers.${layer}`);
  for (const [plane, block] of ['embedding', ...layers, 'final_norm'].entries()) {
    const { columns } = hiddenStates.blocks[block];
    const states = read(hiddenStates.blocks[block]);
    const begin = columns === hiddenSize ? 0 : altUp.active * hiddenSize;
    const expected = states.filter((_, i) => i % columns >= begin && i % columns < begin + hiddenSize);
    const found = hidden.subarray(plane * expected.length, (plane + 1) * expected.length);
    const range = Math.max(...expected) - Math.min(...expected);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
    assert.ok(worst <= 1e-3 * range, `${block}: ${worst} of ${range}`);
  }
  session.dispose();
}

/** Chunks, rewinding and forks. */
async function checkReading(t, name, weights) {
  const { engine, model } = await loadIntoEngine(t, name, { weights });
  const { cases, vocabSize } = fixtureReference(name);
  const { promptIds } = cases.at(-1);
  const session = model.createSession();
  const whole = appendInChunks(session, promptIds, engine.maxChunk, vocabSize);
  const tokens = greedy(engine, session, 8);
  const firstSame = shortPositions(model.config, promptIds.length);
  const assertGoesOn = (branch, from, what) => {
    const rest = appendInChunks(branch, promptIds.slice(from), engine.maxChunk, vocabSize);
    assert.deepEqual(bitsOf(rest), bitsOf(whole.subarray(from * vocabSize)), what);
    assert.deepEqual(greedy(engine, branch, 8), tokens, what);
  };
  for (const size of [1, 7, 32]) {
    const chunked = model.createSession();
    const logits = appendInChunks(chunked, promptIds, size, vocabSize);
    const rowsOf = (rows) => bitsOf(rows.subarray(firstSame * vocabSize));
    assert.deepEqual(rowsOf(logits), rowsOf(whole), `chunks of ${size}`);
    assert.deepEqual(greedy(engine, chunked, 8), tokens, `chunks of ${size}`);
    chunked.dispose();
  }
  for (const kept of lengthsToCutAt(model.config, promptIds.length)) {
    session.truncate(kept);
    assert.equal(session.length, kept);
    const fork = session.fork();
    fork.append(promptIds.slice(5, 25).reverse());
    assertGoesOn(session, kept, `truncated to ${kept}`);
    fork.truncate(kept);
    assertGoesOn(fork, kept, `a fork truncated to ${kept}`);
    fork.dispose();
  }
}

/** Every length where layers keep a state, whose checkpoints lie somewhere; else a few. */
function lengthsToCutAt({ kinds }, length) {
  const isRecurrent = kinds.some((kind) => kind.mixer.type !== 'attention' || kind.beside !== null);
  return isRecurrent ? Array.from({ length }, (_, i) => length - 1 - i) : [length - 1, 32, 13, 2, 0];
}

/** LongRoPE turns short texts in another way than the beginnings of long ones: of so many positions. */
function shortPositions({ kinds }, length) {
  const scaling = kinds[0].mixer.rope?.scaling;
  return scaling?.type === 'long' && length > scaling.originalContextLength
    ? scaling.originalContextLength
    : 0;
}

async function checkRunning(t, name, weights) {
  const model = await load(t, fixturePath(name), { weights, prefixCache: 0 });
  const { cases } = fixtureReference(name);
  const prompts = cases.map(({ promptIds }) => promptIds);
  const options = { temperature: 0, maxNewTokens: 24 };
  const alone = [];
  for (const prompt of prompts) alone.push((await model.generate(prompt, options).result).tokenIds);
  const together = await Promise.all(model.generateBatch(prompts, options).map(({ result }) => result));
  assert.deepEqual(
    together.map(({ tokenIds }) => tokenIds),
    alone,
    'a batch',
  );
  const promptLookup = { maxNgram: 1, maxDraft: 5 };
  for (const [i, prompt] of prompts.entries()) {
    const { tokenIds } = await model.generate(prompt, { ...options, promptLookup }).result;
    assert.deepEqual(tokenIds, alone[i], 'drafts');
  }
  for (const length of [1, 32]) {
    const session = await model.createSession();
    await session.append(prompts.at(-1).slice(0, length));
    const restored = await model.restoreSession(await session.save());
    await restored.append(prompts.at(-1).slice(length));
    const { tokenIds } = await restored.generate(options).result;
    assert.deepEqual(tokenIds, alone.at(-1), `a session saved at ${length}`);
    await restored.truncate(length);
    await restored.append(prompts.at(-1).slice(length));
    const again = await restored.generate(options).result;
    assert.deepEqual(again.tokenIds, alone.at(-1), `truncated to ${length}`);
  }
}

const bitsOf = (floats) => new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
