// Command lines of documents, in a folder as a reader would have it.
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { programPath } from '../cli/program.mjs';
import { projectFor, writeFiles } from './installed.mjs';

const execute = promisify(execFile);

/** `npx sotto`, as it is where the package is installed. */
const NPX = `#!/bin/sh
[ "$1" = sotto ] || exit 127
shift
exec "${process.execPath}" "${programPath}" "$@"
`;

/** Has a program find the hub where it lies. */
const REACH_HUB = (endpoint) => `const { fetch } = globalThis;
globalThis.fetch = (url, init) => fetch(String(url).replace('https://huggingface.co', '${endpoint}'), init);
`;

/** The commands of a block: its lines without comments. */
export const commandsOf = ({ code }) =>
  code
    .split('\n')
    .map((line) => line.replace(/\s+#.*$|^#.*$/, '').trim())
    .filter((line) => line !== '');

/**
 * A folder in which command lines run.
 *
 * @param {import('node:test').TestContext} t
 * @param {object} given
 * @param {Record<string, string | Uint8Array>} [given.files] in it
 * @param {Record<string, string>} [given.programs] scripts that stand for programs, by name
 * @param {{ endpoint: string }} [given.hub]
 * @returns {(command: string, input?: string) => Promise<string>} what a command prints. @throws where it fails
 */
export function shellFor(t, { files = {}, programs = {}, hub }) {
  const folder = projectFor(t, files);
  const bin = { npx: NPX, ...programs };
  for (const [name, text] of Object.entries(bin)) {
    writeFiles(folder, { [`bin/${name}`]: text });
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  const env = {
    ...process.env,
    PATH: join(folder, 'bin') + delimiter + process.env.PATH,
    SOTTO_CACHE: join(folder, 'cache'),
  };
  if (hub !== undefined) {
    writeFiles(folder, { 'hub.mjs': REACH_HUB(hub.endpoint) });
    env.NODE_OPTIONS = `--import ${pathToFileURL(join(folder, 'hub.mjs')).href}`;
  }
  return shellIn(folder, env);
}

/** The same in a folder that is there. */
export const shellIn =
  (folder, env = process.env) =>
  async (command, input = '') => {
    const running = execute('sh', ['-c', command], { cwd: folder, env });
    running.child.stdin.on('error', () => {}); // a program that reads nothing may have ended
    running.child.stdin.end(input);
    return (await running).stdout;
  };
