// No code of a document goes untested: each block has a run, and each language a check.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codeBlocks, namedBlocks } from './code-blocks.mjs';
import { DOCUMENTS } from './documents.mjs';
import { checkLanguage, LANGUAGES } from './languages.mjs';

const HERE = new URL('.', import.meta.url);

/** The documents that a test file runs: it says `testDocument('docs/api.md', …`. */
const testedBy = (text) => [...text.matchAll(/^testDocument\('([^']+)',/gm)].map(([, path]) => path);

/** Documents with code that no test file runs. */
const untestedOf = (documents, tested) =>
  documents.filter((path) => namedBlocks(path).size > 0 && !tested.includes(path));

const files = readdirSync(HERE).filter((name) => name.endsWith('.test.mjs'));
const tested = files.flatMap((name) => testedBy(readFileSync(new URL(name, HERE), 'utf8')));

test('each document with code is run by one test file, block by block', () => {
  assert.ok(DOCUMENTS.length > 30);
  assert.deepEqual(untestedOf(DOCUMENTS, tested), []);
  assert.equal(new Set(tested).size, tested.length, 'a document is run twice');
});

test('a document that no test runs is found', () => {
  assert.deepEqual(
    untestedOf(
      DOCUMENTS,
      tested.filter((path) => path !== 'docs/hub.md'),
    ),
    ['docs/hub.md'],
  );
});

const blocks = DOCUMENTS.flatMap((path) => codeBlocks(path)).filter(({ language }) => language !== '');

for (const [language, { wrong }] of Object.entries(LANGUAGES))
  test(`blocks in ${language} can be read, and wrong ones cannot`, async () => {
    const own = blocks.filter((block) => block.language === language);
    assert.ok(own.length > 0, 'no document uses it');
    for (const { path, line, ...block } of own)
      await assert.doesNotReject(async () => checkLanguage({ path, line, ...block }), `${path}:${line}`);
    await assert.rejects(async () => checkLanguage({ language, file: '', ...wrong }));
  });

test('each language is known', () => {
  const strange = blocks
    .filter(({ language }) => !(language in LANGUAGES))
    .map(({ path, line, language }) => `${path}:${line} has '${language}'`);
  assert.deepEqual(strange, []);
});
