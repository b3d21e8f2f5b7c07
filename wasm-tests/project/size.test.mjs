import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from './repository.mjs';

const KIB = 1024;

/** What a page downloads of one wasm variant: the binary and its glue. */
const MOST_VARIANT_BYTES = 120 * KIB;

/** What a page downloads in all, model aside. */
const MOST_PACKAGE_BYTES = 180 * KIB;

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

test('the whole package is small', (t) => {
  const scripts = readdirSync(`${root}dist`, { recursive: true }).filter((name) => /\.(js|wasm)$/.test(name));
  const total = scripts.reduce((sum, name) => sum + gzipped(`dist/${name}`), 0);
  t.diagnostic(`${scripts.length} files, ${total} bytes gzipped one by one`);
  assert.ok(total < MOST_PACKAGE_BYTES, `${total} bytes`);
});
