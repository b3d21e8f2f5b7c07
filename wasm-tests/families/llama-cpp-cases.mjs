// GGUF files that llama.cpp has run, too, and how its choices are held against ours: for the test, and for
// tools/fixtures/write-llama-cpp-ids.mjs, which asks it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fixturePath, fixtureReference } from '../api/support.mjs';

export const IDS_PATH = fileURLToPath(new URL('../fixtures/llama-cpp-ids.json', import.meta.url));
export const QUANTS = fileURLToPath(new URL('../../../shared/models/data/gguf-quants/', import.meta.url));

/** Files that llama.cpp runs otherwise than their makers meant, and why. */
export const WITH_OTHER_RESULTS = {
  'families/phi3-longrope-short':
    'its contexts are never below 256, so it takes the long factors for any text, and it lets no layer slide',
};

/** How many ids are compared behind each prompt. */
export const N_IDS = 24;

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Ours, of all architectures, in F32. */
function familyFiles() {
  return readdirSync(fixturePath('families')).flatMap((folder) => {
    const name = `families/${folder}`;
    const path = `${fixturePath(name)}model.gguf`;
    if (!existsSync(path)) return [];
    const { cases } = fixtureReference(name);
    return [{ name, path, isExact: true, prompts: cases.map(({ promptIds }) => promptIds) }];
  });
}

/** Of the types of blocks that llama-quantize makes, where the data is. */
function quantisedFiles() {
  if (!existsSync(QUANTS)) return [];
  return readdirSync(QUANTS).map((folder) => ({
    name: `gguf-quants/${folder}`,
    path: `${QUANTS}${folder}/model.gguf`,
    isExact: /-b?f16$/.test(folder),
    prompts: readJson(`${QUANTS}${folder}/expected.json`).cases.map(({ prompt }) => prompt),
  }));
}

/**
 * The files that are here. `isExact`: their weights are elements, so that llama.cpp rounds nothing but, at most, what they
 * are multiplied by to the same type.
 *
 * @returns {{ name: string, path: string, isExact: boolean, prompts: number[][] }[]}
 */
export const llamaCppFiles = () => [...familyFiles(), ...quantisedFiles()];

/** The logits of every position at which llama.cpp chose one of `ids`, given those before it. */
export async function logitsAlong(model, promptIds, ids) {
  const session = await model.createSession();
  await session.append(promptIds);
  const rows = [];
  for (const id of ids) {
    rows.push(await session.logits());
    await session.append([id]);
  }
  await session.dispose();
  return rows;
}

export const argmax = (logits) => logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0);

/**
 * Where the likeliest token is another one than llama.cpp's, and how far below the best the two are in our logits in f32, as a
 * share of their range.
 *
 * @param {Float32Array[]} rows Ours, in any type; @param {Float32Array[]} exact Ours in f32.
 */
export function differences(ids, rows, exact) {
  return ids.flatMap((id, position) => {
    const ours = argmax(rows[position]);
    if (ours === id) return [];
    const logits = exact[position];
    const best = Math.max(...logits);
    const range = best - Math.min(...logits);
    return [{ position, ours, id, gap: (best - Math.min(logits[ours], logits[id])) / range }];
  });
}
