// A browser for the tests: the one that a variable names, else the machine's own, else one in a private Debian root.
import { mkdir, writeFile } from 'node:fs/promises';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { which } from '../lib/process.mjs';
import { debianRoot, insideRoot } from './debian-root.mjs';

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * @typedef {object} Browser
 * @property {string} variable the environment variable that may name its program
 * @property {string[]} names of its programs, as machines have them, best first
 * @property {import('./debian-root.mjs').Recipe} recipe the root that holds one
 * @property {string} program its path in that root
 */

/**
 * The path of a program that starts the browser and takes the browser's options.
 *
 * @param {Browser} browser
 * @returns {Promise<string>}
 * @throws {UserError} where there is none and none can be made
 */
export async function browserProgram({ variable, names, recipe, program }) {
  const chosen = process.env[variable];
  if (chosen) {
    const given = which(chosen, ['', ...(process.env.PATH ?? '').split(':')]);
    if (given === null) throw new UserError(`${variable} is set to ${chosen}, which is no program.`);
    return given;
  }
  const own = names.map((name) => which(name)).find((path) => path !== null);
  if (own) return own;
  const root = await debianRoot(recipe);
  const wrapper = inRepository(`build/${recipe.name}.sh`);
  const command = insideRoot(root, [program]).map(quoted).join(' ');
  await mkdir(inRepository('build'), { recursive: true });
  await writeFile(wrapper, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return wrapper;
}
