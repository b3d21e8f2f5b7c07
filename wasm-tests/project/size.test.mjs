import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from './repository.mjs';

const KIB = 1024;

/** What a page downloads of one wasm variant: the binary and its glue. */
const MOST_VARIANT_BYTES = 176 * KIB;

/** What every page downloads, model aside: one variant, and the scripts that its parts import. */
const MOST_PAGE_BYTES = 440 * KIB;

/** The scripts that are fetched besides when the first chat, form or tool is asked for. */
const MOST_ON_USE_BYTES = {
  'text/chat/chat-format.js': 64 * KIB,
  'forms/forms.js': 64 * KIB,
  'forms/tool-calls/tool-form.js': 48 * KIB,
};

/** Where a page's scripts begin: the page, and its worker. */
const ENTRIES = ['index.js', 'worker/worker.js'];

const STATIC_IMPORT = /^(?:import|export)\s(?:[^'"]*?\sfrom\s*)?['"](\.[^'"]+)['"]/gm;

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

/** The files of dist/ that some of them import, those included; dynamic imports left out. */
function withImports(entries) {
  const found = new Set(entries);
  for (const name of found) {
    for (const [, path] of readFileSync(`${root}dist/${name}`, 'utf8').matchAll(STATIC_IMPORT)) {
      found.add(posix.join(posix.dirname(name), path));
    }
  }
  return found;
}

const sumOf = (names) => [...names].reduce((sum, name) => sum + gzipped(`dist/${name}`), 0);

test('what a page downloads is small', (t) => {
  const scripts = withImports(ENTRIES);
  const variants = readdirSync(`${root}dist/wasm`).filter((name) => name.endsWith('.wasm'));
  const pairs = variants.map((name) => [`wasm/${name}`, `wasm/${name.replace('.wasm', '.js')}`]);
  const largest = Math.max(...pairs.map(sumOf));
  const total = sumOf(scripts) + largest;
  t.diagnostic(
    `${sumOf(scripts)} bytes of ${scripts.size} scripts, ${largest} of the largest variant, gzipped one by one`,
  );
  assert.ok(scripts.size > 50);
  assert.ok(total < MOST_PAGE_BYTES, `${total} bytes`);
});

for (const [entry, most] of Object.entries(MOST_ON_USE_BYTES)) {
  test(`what ${entry} brings is small, and fetched on use`, (t) => {
    const always = withImports(ENTRIES);
    const added = [...withImports([entry])].filter((name) => !always.has(name));
    t.diagnostic(`${sumOf(added)} bytes of ${added.length} scripts`);
    assert.ok(added.includes(entry));
    assert.ok(sumOf(added) < most, `${sumOf(added)} bytes`);
  });
}
