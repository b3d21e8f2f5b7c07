// Projects as a user makes them: an empty folder in which the packed tarballs of sotto and of its small model are
// installed. They lie below the folder of the tools, as the packages of a workspace do whose tools are at its root.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inRepository, removeFolder } from '../../tools/lib/folders.mjs';
import { environmentTools } from '../../tools/toolchain/environment-tools.mjs';

const execute = promisify(execFile);

/** No test takes so long. */
const OLD_MS = 4 * 3_600_000;

const PACKAGES = ['.', 'demo/models/tiny-stories'];

/** What every project's program is about. */
export const PROMPT = 'Once upon a time';
export const OPTIONS = { seed: 1, maxNewTokens: 16 };

/** The module that every program imports: what comes of loading a model and of generating with it, as plain data. */
export const STORY = `
export async function tell(load) {
  try {
    const model = await load();
    const text = await model.generate(${JSON.stringify(PROMPT)}, ${JSON.stringify(OPTIONS)}).text();
    const { threads, variant } = model.info;
    await model.dispose();
    return { text, threads, variant };
  } catch (error) {
    return { error: \`\${error?.name} \${error?.code}: \${error?.message}\`, stack: error?.stack, cause: String(error?.cause) };
  }
}
`;

/** Removes what tests that were ended from outside have left. */
async function removeOld(folder) {
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > OLD_MS) await removeFolder(join(folder, name));
  }
}

/**
 * Installs the packages once, and makes projects with copies of what is installed.
 *
 * @returns {Promise<{ tools: string, exports: object, make(name: string, files: Record<string, string>,
 *   metadata?: object): Promise<string>, remove(): Promise<void> }>}
 */
export async function makeWorkspace() {
  const tools = await environmentTools();
  await mkdir(join(tools, 'projects'), { recursive: true });
  await removeOld(join(tools, 'projects'));
  const folder = await mkdtemp(join(tools, 'projects/'));
  const installed = join(folder, 'installed');
  await mkdir(installed);
  await writeFile(join(installed, 'package.json'), '{ "private": true }');
  const tarballs = [];
  for (const path of PACKAGES) {
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await execute('npm', pack, { cwd: inRepository(path) });
    tarballs.push(join(folder, Object.values(JSON.parse(stdout))[0].filename));
  }
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs];
  await execute('npm', install, { cwd: installed });
  const metadata = JSON.parse(await readFile(join(installed, 'node_modules/sotto/package.json'), 'utf8'));
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const make = async (name, files, metadata = { type: 'module' }) => {
    const project = join(folder, name);
    // Tools take the folder with a lock file for the project's root.
    for (const path of ['node_modules', 'package-lock.json'])
      await cp(join(installed, path), join(project, path), { recursive: true });
    const all = {
      'package.json': JSON.stringify({ private: true, dependencies, ...metadata }),
      'story.js': STORY,
      ...files,
    };
    for (const [path, contents] of Object.entries(all)) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), contents);
    }
    return project;
  };
  return { tools, exports: metadata.exports, make, remove: () => removeFolder(folder) };
}
