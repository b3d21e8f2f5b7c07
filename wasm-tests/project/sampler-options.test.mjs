// web/options/sampler-options.ts and the table of docs/api.md are what the list in src/sampling/samplers.inc says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readSamplers, samplerFiles } from '../../tools/build/sampler-options.mjs';
import { repositoryFiles, textOf } from './repository.mjs';

test('what is made from the list of samplers is current', async () => {
  const files = Object.entries(await samplerFiles());
  assert.equal(files.length, 2);
  for (const [path, text] of files) {
    assert.equal(readFileSync(path, 'utf8'), text, `${path}: run npm run build`);
  }
});

test('each row of the list has a file, and a place in the documentation', () => {
  const list = textOf('src/sampling/samplers.inc');
  const names = Array.from(
    list.matchAll(/^SOTTO_(?:PROCESSOR|FILTER)\((\w+), (\w+)/gm),
    ([, name, jsName]) => ({
      name,
      jsName,
    }),
  );
  const rows = readSamplers(list);
  assert.equal(names.length, rows.length - 1, 'and the seed');
  const files = repositoryFiles('src/sampling/');
  const documentation = textOf('docs/sampling.md');
  for (const { name, jsName } of names) {
    assert.ok(files.includes(`src/sampling/${name}.cc`), name);
    assert.ok(documentation.includes(`\`${jsName}\``), jsName);
  }
});

test('a list that cannot be read is refused', () => {
  const row = (range, type = 'float') =>
    `SOTTO_FILTER(a, a, ${type}, 0, "${range}", "", "0", "Does nothing.")\n`;
  assert.equal(readSamplers(row('[0, 1]')).length, 2);
  assert.throws(() => readSamplers(row('0 to 1')), /no interval/);
  assert.throws(() => readSamplers(row('[0, 1]', 'double')), /the type double/);
  assert.throws(() => readSamplers('SOTTO_FILTER(a, a, float)\n'), /1 rows cannot be read/);
});
