// What people read: its lines fit, and the files that it names are there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryFiles, textOf } from './repository.mjs';

const MOST_COLUMNS = 100;

const files = repositoryFiles();
const documents = files.filter((path) => path.endsWith('.md'));

/** Files of other projects that ours speaks of: KerasHub's and llama.cpp's. */
const OTHERS = ['sampler.py', 'top_k_sampler.py', 'top_p_sampler.py', 'convert_hf_to_gguf.py'];

/** The lines of a document that are prose: no code, no rows of tables, no comments. */
function* proseOf(text) {
  let isCode = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trimStart().startsWith('```')) isCode = !isCode;
    else if (!isCode && !/^(\s*\||<!--)/.test(line)) yield { line, number: index + 1 };
  }
}

/** Whether a line is too long, though there is a place to break it: what has no space, such as an address, has none. */
const isTooLong = (line) =>
  line.length > MOST_COLUMNS && /\S\s/.test(line.slice(0, MOST_COLUMNS + 1).trimStart());

test(`prose is wrapped at ${MOST_COLUMNS} columns`, () => {
  assert.ok(documents.length > 20 && documents.includes('README.md'));
  const tooLong = documents.flatMap((path) =>
    [...proseOf(textOf(path))]
      .filter(({ line }) => isTooLong(line))
      .map(({ line, number }) => `${path}:${number} has ${line.length} columns`),
  );
  assert.deepEqual(tooLong, []);
});

test('what is no prose may be long, and prose may not', () => {
  const long = 'a word '.repeat(20);
  const tooLong = (text) =>
    [...proseOf(text)].filter(({ line }) => isTooLong(line)).map(({ number }) => number);
  const text = ['# title', long, `| ${long} |`, '```', long, '```', `- ${long}`, `[x](${'x'.repeat(120)})`];
  assert.deepEqual(tooLong(text.join('\n')), [2, 7]);
});

/** The comments of a file, or all of a document but the names that it gives to its blocks, which are files of a reader's. */
function* spokenOf(path, text) {
  if (path.endsWith('.md')) yield* text.split('\n').filter((line) => !line.trimStart().startsWith('```'));
  const isHash = /\.(py|sh|cmake)$|(^|\/)CMakeLists\.txt$/.test(path);
  const comment = isHash ? /(?:^|\s)#\s(.*)/ : /(?:^|\s)(?:\/\/|\/\*\*?|\*)\s(.*)/;
  if (/\.(cc|h|inc|ts|mjs|js|css)$/.test(path) || isHash) {
    for (const line of text.split('\n')) {
      const spoken = comment.exec(line)?.[1];
      if (spoken !== undefined) yield spoken;
    }
  }
}

/** A path from the repository's root, or the end of one that names a file of code or a document. */
const FROM_ROOT = /(?<![\w./:@$}-])(?:web|src|docs|wasm-tests|tools|bench|demo|cmake)\/[\w./<>*{},-]*/g;
const END_OF_PATH =
  /(?<![\w./:@$}>*-])\w[\w-]*(?:\/[\w-]+)*\.(?:ts|cc|h|inc|mjs|py|sh|cmake|md)\b(?![\w./-])/g;

/** Whether a path, or its end, names something that is there. `*` and `<name>` stand for any name, `{a,b}` for either. */
function namesSomething(path, isFromRoot, all) {
  const pattern = path
    .replace(/[.,]+$/, '')
    .replace(/\/$/, '')
    .replaceAll('.', '\\.')
    .replaceAll(/\*|<\w+>/g, '[^/]+')
    .replaceAll(/\{([^}]*)\}/g, (_, names) => `(?:${names.replaceAll(',', '|')})`);
  const whole = new RegExp(`^${isFromRoot ? '' : '(?:.*/)?'}${pattern}(?:/.*)?$`);
  return all.some((file) => whole.test(file));
}

/** What `text` names and is not there. */
function missingIn(path, text, all) {
  const missing = [];
  for (const line of spokenOf(path, text)) {
    for (const [name] of line.matchAll(FROM_ROOT)) if (!namesSomething(name, true, all)) missing.push(name);
    for (const [name] of line.matchAll(END_OF_PATH)) {
      if (!namesSomething(name, false, all) && !OTHERS.includes(name)) missing.push(name);
    }
  }
  return [...new Set(missing)];
}

test('files that documents and comments name are there', () => {
  const others = files.filter((path) => !path.endsWith('project/prose.test.mjs')); // which plants some below
  const missing = others.flatMap((path) =>
    missingIn(path, textOf(path), files).map((name) => `${path} names ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('a name that nothing has is found, wherever it is spoken', () => {
  const all = ['src/model/decoder.cc', 'src/kernels/linear/kernels.inc', 'web/page/client.ts', 'docs/api.md'];
  const missing = (path, text) => missingIn(path, text, all);
  assert.deepEqual(missing('src/a.cc', '// see linear_kernel.h, and kernels.inc'), ['linear_kernel.h']);
  assert.deepEqual(missing('src/a.cc', '#include "model/gone.h"  // model/decoder.cc has it'), []);
  assert.deepEqual(
    missing(
      'web/a.ts',
      ' * As src/model/gone does.\n * As web/page/, src/model/decoder.* and web/*/client.ts.',
    ),
    ['src/model/gone'],
  );
  assert.deepEqual(missing('a.md', '[the API](docs/{api,gone}.md), [more](docs/gone.md), `page/client.ts`'), [
    'docs/gone.md',
  ]);
  assert.deepEqual(missing('a.py', '# by web/server.ts'), ['web/server.ts']);
});
