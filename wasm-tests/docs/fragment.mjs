// Runs fragments: blocks that take values for granted.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'rolldown/utils';
import { isDeclared } from './givens.mjs';
import { linkPackages, projectFor } from './installed.mjs';
import { splitImports } from './module-text.mjs';

/** Packages that documents import, by the name that they have in node_modules here. */
export const OTHERS = { ai: 'ai7', zod: 'zod' };

/** A fragment as a module, whose default export is given values and gives the value of an expression behind the last line. */
export function fragmentModule(code, given, result) {
  const { imports, body } = splitImports(code);
  return `${imports.join('')}
export default async ({ ${given.join(', ')} }) => {
  {
${body}
    return ${result};
  }
};
`;
}

/**
 * Runs a fragment in this process, in a project that has the packages.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('./code-blocks.mjs').CodeBlock} block
 * @param {Record<string, unknown>} [given] values by name, each declared in givens.mjs or by another block
 * @param {string} [result] an expression with names of the fragment's own
 * @param {Record<string, string>} [files] beside it, by name
 * @returns {Promise<any>} its value
 */
export async function runFragment(t, { path, code }, given = {}, result = 'undefined', files = {}) {
  for (const name of Object.keys(given)) assert.ok(isDeclared(path, name), `${path} declares no ${name}`);
  const folder = projectFor(t, files);
  linkPackages(folder, OTHERS);
  const file = join(folder, 'fragment.mjs');
  writeFileSync(file, fragmentModule(code, Object.keys(given), result));
  const { default: run } = await import(pathToFileURL(file).href);
  return run(given);
}

/** A function that notes what it is called with, and the texts of it together. */
export function spy() {
  const calls = [];
  const show = (text) => {
    calls.push(text);
  };
  return Object.assign(show, { calls, text: () => calls.join('') });
}

/**
 * Imports a block that is a whole module, of JavaScript or TypeScript.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('./code-blocks.mjs').CodeBlock} block
 * @param {string[]} [names] of its own that it does not export, and that are wanted
 */
export async function importBlock(t, { file, code }, names = []) {
  const folder = projectFor(t);
  linkPackages(folder, OTHERS);
  const { code: script, errors } = transformSync(file, `${code}\nexport { ${names.join(', ')} };\n`);
  assert.deepEqual(errors, []);
  writeFileSync(join(folder, 'block.mjs'), script);
  return import(pathToFileURL(join(folder, 'block.mjs')).href);
}
