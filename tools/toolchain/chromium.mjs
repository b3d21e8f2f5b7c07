// A Chromium for the browser tests: the machine's own, else a headless one in a private Debian root.
import { mkdir, writeFile } from 'node:fs/promises';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { which } from '../lib/process.mjs';
import { debianRoot, insideRoot } from './debian-root.mjs';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chromium-headless-shell',
];

/** @type {import('./debian-root.mjs').Recipe} */
const RECIPE = {
  name: 'chromium',
  purpose: 'Chromium',
  packages: ['chromium-headless-shell', 'fonts-dejavu-core'],
  needsMounts: true,
  instead:
    'Install Chromium or Chrome, or set CHROMIUM to the path of its program; on Debian: apt-get install chromium',
};

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * The path of a program that starts Chromium, for Playwright's `executablePath`. It takes Chromium's options.
 *
 * @returns {Promise<string>}
 * @throws {UserError} where there is none and none can be made
 */
export async function chromiumPath() {
  if (process.env.CHROMIUM) {
    const given = which(process.env.CHROMIUM, ['', ...(process.env.PATH ?? '').split(':')]);
    if (given === null)
      throw new UserError(`CHROMIUM is set to ${process.env.CHROMIUM}, which is no program.`);
    return given;
  }
  const own = NAMES.map((name) => which(name)).find((path) => path !== null);
  if (own) return own;
  const root = await debianRoot(RECIPE);
  const wrapper = inRepository('build/chromium.sh');
  const command = insideRoot(root, ['/usr/bin/chromium-headless-shell']).map(quoted).join(' ');
  await mkdir(inRepository('build'), { recursive: true });
  await writeFile(wrapper, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return wrapper;
}
