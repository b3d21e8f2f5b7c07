// Links between the documents, and the pictures in them.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { anchorOf } from '../../docs/.vitepress/anchors.mjs';
import { repositoryFiles, root, textOf } from '../project/repository.mjs';

const MOST_PICTURE_BYTES = 150_000;

const DOCUMENTS = repositoryFiles().filter((path) => path.endsWith('.md'));

/** A document without its code. */
const proseOf = (text) => text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '').replaceAll(/`[^`\n]*`/g, '');

const anchorsOf = (text) =>
  new Set(
    [...text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, h]) => anchorOf(h)),
  );

/** The relative links of a document, as paths from the root, with the anchor. */
const linksOf = (path, text) =>
  [...proseOf(text).matchAll(/\]\(\s*([^)\s]+)\s*\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file, anchor] = link.split('#');
      return { link, anchor, target: file === '' ? path : posix.join(posix.dirname(path), file) };
    });

/** Links of a document that lead nowhere. */
const brokenIn = (path, text) =>
  linksOf(path, text)
    .filter(
      ({ target, anchor }) =>
        !existsSync(root + target) || (anchor !== undefined && !anchorsOf(textOf(target)).has(anchor)),
    )
    .map(({ link }) => `${path}: ${link}`);

test('links between documents lead somewhere', () => {
  assert.ok(DOCUMENTS.reduce((sum, path) => sum + linksOf(path, textOf(path)).length, 0) > 100);
  assert.deepEqual(
    DOCUMENTS.flatMap((path) => brokenIn(path, textOf(path))),
    [],
  );
});

test('links that lead nowhere are found', () => {
  const text = '[a](docs/gone.md) [b](docs/api.md#no-such-part) [c](docs/api.md#loading) `[d](x.md)`';
  assert.deepEqual(brokenIn('x.md', text), ['x.md: docs/gone.md', 'x.md: docs/api.md#no-such-part']);
});

test(`pictures take at most ${MOST_PICTURE_BYTES} bytes`, () => {
  const pictures = DOCUMENTS.flatMap((path) => linksOf(path, textOf(path))).filter(({ target }) =>
    /\.(png|webp|jpe?g|svg|gif)$/.test(target),
  );
  assert.ok(pictures.some(({ target }) => target === 'docs/pictures/demo.webp'));
  for (const { target } of pictures) assert.ok(statSync(root + target).size <= MOST_PICTURE_BYTES, target);
});
