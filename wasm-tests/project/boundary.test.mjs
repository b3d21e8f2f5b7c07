// What crosses into WebAssembly is typed, and has the same types where addresses have 64 bits.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { repositoryFiles, root, textOf } from './repository.mjs';

test('no declaration of the module has a value of any type, or a bigint', () => {
  const lines = readFileSync(`${root}build/web/wasm/plain.d.ts`, 'utf8').split('\n');
  assert.ok(lines.some((line) => line.includes('numbers(): Int32Array;')));
  assert.deepEqual(
    lines.filter((line) => /\b(any|bigint)\b/.test(line)),
    [],
  );
});

test('no bound method takes or gives a size_t', () => {
  const handles = repositoryFiles('src/bindings/')
    .filter((path) => /handles?\.h$/.test(path))
    .map(textOf);
  const bound = [...textOf('src/bindings/embind.cc').matchAll(/&(\w+)Binding::(\w+)\)/g)];
  assert.ok(bound.length > 50);
  for (const [, type, method] of bound) {
    const source = handles.find((text) => text.includes(`class ${type}Binding {`));
    const signature = new RegExp(`^  [\\w:<>*& ]+ ${method}\\([^)]*\\)`, 'm').exec(source)?.[0];
    assert.ok(signature !== undefined, `${type}Binding::${method} is not found`);
    assert.doesNotMatch(signature, /\b(size_t|u?int64_t|uintptr_t)\b/);
  }
});
