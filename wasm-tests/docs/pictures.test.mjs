// The pictures of docs/how-it-works/: made again they are the same, and what they show is what the engine does.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { drawAll } from '../../tools/pictures/all.mjs';
import { blockOf, scaleOf, TYPES } from '../../tools/pictures/block.mjs';
import { DRAWS, drawnShares, FILTERS } from '../../tools/pictures/choices.mjs';
import { loadModel, logitsAfter, WEIGHTS } from '../../tools/pictures/models.mjs';
import { softmax } from '../../tools/pictures/probabilities.mjs';
import { OPEN } from '../../tools/pictures/prompts.mjs';
import { STYLE } from '../../tools/pictures/svg.mjs';
import { repositoryFiles, root, textOf } from '../project/repository.mjs';

const FOLDER = 'docs/pictures/how/';
const MOST_BYTES = 30_000;

const models = {};
let drawn;
before(async () => {
  drawn = await drawAll();
  for (const weights of WEIGHTS) models[weights] = await loadModel({ weights });
});
after(() => Promise.all(Object.values(models).map((model) => model.dispose())));

test('the committed pictures are those that the model makes (else: npm run pictures)', () => {
  assert.ok(drawn.size >= 8);
  assert.deepEqual(readdirSync(root + FOLDER).sort(), [...drawn.keys()].sort());
  for (const [name, svg] of drawn) {
    assert.equal(readFileSync(root + FOLDER + name, 'utf8'), svg, `${name} is another: npm run pictures`);
    assert.ok(Buffer.byteLength(svg) <= MOST_BYTES, name);
    assert.match(svg, /<title id="title">[^<]+<\/title><desc id="description">[^<]+<\/desc>/, name);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity|https?:\/\/(?!www\.w3\.org)/, name);
  }
});

test('every picture is shown, and says in words what it shows', () => {
  const pages = repositoryFiles('docs/how-it-works/').map(textOf).join('\n');
  for (const name of readdirSync(root + FOLDER)) {
    const alternative = new RegExp(`!\\[([^\\]]*)\\]\\(\\s*\\.\\./pictures/how/${name}\\)`).exec(pages)?.[1];
    assert.ok(alternative !== undefined, `${name} is in no page`);
    assert.ok(alternative.length > 30, `${name}: ${alternative}`);
  }
});

test('every filter leaves what the engine draws from', async () => {
  const probabilities = softmax(await logitsAfter(models.f32, OPEN));
  for (const { title, options, apply } of FILTERS) {
    const left = apply(probabilities);
    const shares = await drawnShares(models.f32, OPEN, options);
    for (const id of shares.keys()) assert.ok(left[id] > 0, `${title}: ${id} was drawn, and is ruled out`);
    const likely = [...left.entries()].filter(([, p]) => p >= 0.01);
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
    const compared = likely.map(([id, p]) => ({ p, share: shares.get(id) ?? 0 }));
    compared.push({
      p: 1 - sum(likely.map(([, p]) => p)),
      share: 1 - sum(compared.map(({ share }) => share)),
    });
    for (const { p, share } of compared) {
      const deviation = Math.sqrt(Math.max(0, p * (1 - p)) / DRAWS);
      assert.ok(Math.abs(share - p) <= 4.5 * deviation + 1e-9, `${title}: ${p}, drawn ${share}`);
    }
  }
});

test('every weight of the block is at the level next to it', async () => {
  const id = (await models.f32.encode(OPEN)).at(-1);
  const { exact, rounded } = await blockOf(models, id);
  for (const [type, { fewest, levels }] of Object.entries(TYPES)) {
    const scale = scaleOf(exact, rounded[type], fewest);
    for (const [i, weight] of exact.entries()) {
      const integer = rounded[type][i] / scale;
      assert.ok(Math.abs(integer - Math.round(integer)) < 0.002, `${type}, ${i}: ${integer} is no level`);
      const nearest = Math.min(Math.max(Math.round(weight / scale), fewest), fewest + levels - 1);
      assert.equal(Math.round(integer) + 0, nearest + 0, `${type}, ${i}`);
    }
  }
});

test('a type of weights has one hash in every way, and each its own', () => {
  const hashes = [...drawn.get('same-bits.svg').matchAll(/>([\da-f]{8})</g)].map(([, hash]) => hash);
  assert.equal(hashes.length, 5 * WEIGHTS.length);
  assert.equal(new Set(hashes).size, WEIGHTS.length);
  for (const [index, hash] of hashes.entries()) assert.equal(hash, hashes[index % WEIGHTS.length]);
});

/** The relative luminance of a colour, as WCAG 2.2 defines it. */
function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('words stand out from what they stand on, light and dark', () => {
  const schemes = [...STYLE.matchAll(/svg\{(--paper:[^}]*)\}/g)].map(([, list]) =>
    Object.fromEntries(list.split(';').map((pair) => pair.split(':'))),
  );
  assert.equal(schemes.length, 2);
  const pairs = [
    ...['--ink', '--muted', '--main', '--warm'].map((words) => [words, '--paper']),
    ...['--wash', '--warm-wash'].map((ground) => ['--ink', ground]),
  ];
  for (const colours of schemes) {
    for (const [words, ground] of pairs) {
      const [light, dark] = [luminance(colours[words]), luminance(colours[ground])].sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      assert.ok(contrast >= 4.5, `${words} on ${ground}: ${contrast.toFixed(2)}`);
    }
  }
});
