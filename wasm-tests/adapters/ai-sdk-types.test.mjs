// The types of sotto/ai-sdk: they fit those of the SDK, and need nothing of it where it is not there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

test('a model is one of the SDK by its types, in both versions', async () => {
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
  ];
  const target = ['--module', 'NodeNext', '--target', 'ES2022', '--lib', 'ESNext,DOM,DOM.AsyncIterable'];
  const file = 'wasm-tests/adapters/ai-sdk-types.ts';
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const args = [tsc, ...options, ...target, '--types', 'node', file];
  await execute(process.execPath, args, { cwd: root }).catch((error) => assert.fail(error.stdout));
});

test('the declarations import from this package alone', () => {
  const folder = `${root}dist/types/adapters/ai-sdk/`;
  const declarations = readdirSync(folder).filter((name) => name.endsWith('.d.ts'));
  assert.ok(declarations.length > 5);
  for (const name of declarations) {
    for (const [, from] of readFileSync(folder + name, 'utf8').matchAll(/(?:from |import\()'([^']+)'/g))
      assert.match(from, /^\.\.?\//, `${name} imports ${from}`);
  }
});
