// What a page downloads: the bundles and one binary, gzipped one by one as servers send them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from './repository.mjs';

const KIB = 1024;

/** The page's own script. */
const MOST_INDEX_BYTES = 23 * KIB;

/** What every page downloads, model aside: its script, the worker's, and one binary. */
const MOST_PAGE_BYTES = 316 * KIB;

/** What a page with threads downloads besides: another glue, and the larger binary. */
const MOST_THREADS_BYTES = 25 * KIB;

/** The scripts that are fetched besides when the first chat, form or tool is asked for, or what is kept of models. */
const MOST_ON_USE_BYTES = {
  'chat-format.js': 32 * KIB,
  'form-code.js': 28 * KIB,
  'kept-models.js': 7 * KIB,
};

/** The entries that hold everything: inline.js its worker's script and two binaries, too, which are packed already. */
const MOST_WHOLE_BYTES = { 'inline.js': 730 * KIB, 'edge.js': 210 * KIB };

/** Where a page's scripts begin: the page, and its worker. */
const ENTRIES = ['index.js', 'worker.js'];

const STATIC_IMPORT = /(?:import|from)\s*["'`]\.\/([^"'`]+)["'`]/g;

const gzipped = (name) => gzipSync(readFileSync(`${root}dist/${name}`), { level: 9 }).length;
const sumOf = (names) => [...names].reduce((sum, name) => sum + gzipped(name), 0);

/** The files of dist/ that some of them import, those included; dynamic imports left out. */
function withImports(entries) {
  const found = new Set(entries);
  for (const name of found)
    for (const [, other] of readFileSync(`${root}dist/${name}`, 'utf8').matchAll(STATIC_IMPORT))
      found.add(other);
  return found;
}

test("the page's own script is one small file", (t) => {
  t.diagnostic(`${gzipped('index.js')} bytes`);
  assert.deepEqual([...withImports(['index.js'])], ['index.js']);
  assert.ok(gzipped('index.js') < MOST_INDEX_BYTES, `${gzipped('index.js')} bytes`);
});

test('what a page downloads is small, and four files', (t) => {
  const scripts = withImports(ENTRIES);
  const binaries = ['simd', 'relaxed'].map((name) => gzipped(`wasm/${name}.wasm`));
  const total = sumOf(scripts) + Math.max(...binaries);
  t.diagnostic(`${sumOf(scripts)} bytes of ${[...scripts].join(', ')}; ${binaries.join(' or ')} of a binary`);
  assert.deepEqual([...scripts], ['index.js', 'worker.js', 'core.js']);
  assert.ok(total < MOST_PAGE_BYTES, `${total} bytes`);
});

test('threads add little', (t) => {
  const binaries = readdirSync(`${root}dist/wasm`).filter((name) => name.endsWith('.wasm'));
  assert.equal(binaries.length, 4);
  const more = (name) => gzipped(`wasm/${name}-threads.wasm`) - gzipped(`wasm/${name}.wasm`);
  const added = gzipped('wasm/threads.js') + Math.max(more('simd'), more('relaxed'));
  t.diagnostic(`${added} bytes`);
  assert.ok(added < MOST_THREADS_BYTES, `${added} bytes`);
});

for (const [script, most] of Object.entries(MOST_ON_USE_BYTES)) {
  test(`what ${script} brings is small, and fetched on use`, (t) => {
    const always = withImports(ENTRIES);
    const added = [...withImports([script])].filter((name) => !always.has(name));
    t.diagnostic(`${sumOf(added)} bytes of ${added.join(', ')}`);
    assert.ok(added.includes(script));
    assert.ok(sumOf(added) < most, `${sumOf(added)} bytes`);
  });
}

for (const [script, most] of Object.entries(MOST_WHOLE_BYTES)) {
  test(`${script} is one file, and no larger than it has to be`, (t) => {
    t.diagnostic(`${gzipped(script)} bytes`);
    assert.deepEqual([...withImports([script])], [script]);
    assert.ok(gzipped(script) < most, `${gzipped(script)} bytes`);
  });
}
