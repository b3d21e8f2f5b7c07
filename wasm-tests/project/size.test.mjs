import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from './repository.mjs';

const KIB = 1024;

/** What a page downloads of one wasm variant: the binary and its glue. */
const MOST_VARIANT_BYTES = 176 * KIB;

/** What a page downloads in all, model aside: one variant, and all scripts. */
const MOST_PAGE_BYTES = 496 * KIB;

/** Variants, of which a page takes one, the command line, and adapters, which are entries of their own. */
const NOT_OF_A_PAGE = /^(?:wasm|cli|adapters)\b/;

const gzipped = (path) => gzipSync(readFileSync(root + path), { level: 9 }).length;

test('a wasm variant and its glue are small', (t) => {
  const variants = readdirSync(`${root}dist/wasm`).filter((name) => name.endsWith('.wasm'));
  assert.ok(variants.length > 0);
  for (const name of variants) {
    const binary = gzipped(`dist/wasm/${name}`);
    const glue = gzipped(`dist/wasm/${name.replace('.wasm', '.js')}`);
    t.diagnostic(`${name}: ${binary} bytes of binary, ${glue} of glue, gzipped`);
    assert.ok(binary + glue < MOST_VARIANT_BYTES, `${name} has ${binary + glue} bytes gzipped`);
  }
});

test('what a page downloads is small', (t) => {
  const files = readdirSync(`${root}dist`, { recursive: true });
  const sumOf = (names) => names.reduce((sum, name) => sum + gzipped(`dist/${name}`), 0);
  const scripts = sumOf(files.filter((name) => name.endsWith('.js') && !NOT_OF_A_PAGE.test(name)));
  const variants = files.filter((name) => name.endsWith('.wasm'));
  const largest = Math.max(...variants.map((name) => sumOf([name, name.replace('.wasm', '.js')])));
  t.diagnostic(`${scripts} bytes of scripts, ${largest} of the largest variant, gzipped one by one`);
  assert.ok(scripts + largest < MOST_PAGE_BYTES, `${scripts + largest} bytes`);
});
