// Projects that have the two packages as a stranger has them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../project/repository.mjs';

/** Where the packages' files lie, as they are published. */
export const PACKAGES = { sotto: root, 'sotto-tiny-stories': `${root}demo/models/tiny-stories/` };

/** A package's package.json. */
export const manifestOf = (name) => JSON.parse(readFileSync(`${PACKAGES[name]}package.json`, 'utf8'));

/**
 * An empty project with both packages in its node_modules, until `t` ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} [files] to write, by name
 * @returns {string} its folder
 */
export function projectFor(t, files = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  for (const [name, path] of Object.entries(PACKAGES)) {
    symlinkSync(path, join(folder, 'node_modules', name), 'junction');
  }
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  writeFiles(folder, files);
  return folder;
}

/** Writes files by their path in a folder. */
export function writeFiles(folder, files) {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
}

/** Puts packages that this project is made with into another's node_modules, by the name that they have there. */
export function linkPackages(folder, packages) {
  for (const [name, from] of Object.entries(packages))
    symlinkSync(`${root}node_modules/${from}`, join(folder, 'node_modules', name), 'junction');
}
