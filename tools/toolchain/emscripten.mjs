// Emscripten, cmake and ninja: those of the machine where they are new enough, else those of a private Debian root.
import { delimiter, dirname, join } from 'node:path';
import { UserError } from '../lib/console.mjs';
import { repository } from '../lib/folders.mjs';
import { run, which } from '../lib/process.mjs';
import { withCopies } from './copies.mjs';
import { canMount, debianRoot, insideRoot } from './debian-root.mjs';

/** The oldest versions that the build is tried with. */
const OLDEST = { emcc: [3, 1, 69], cmake: [3, 25, 0], ninja: [1, 10, 0] };

const LIBRARIES = '/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten';

/** @type {import('./debian-root.mjs').Recipe} */
const RECIPE = {
  name: 'toolchain',
  purpose: 'Emscripten 3.1.69',
  packages: ['emscripten', 'cmake', 'ninja-build', 'clang-format', 'clang-tidy', 'xz-utils'],
  // Two thirds of Emscripten's package: its libraries for link-time optimisation, sanitisers, graphics and file systems.
  neverUnpacked: [
    'lto/*',
    'lto-pic/*',
    'pic/*',
    'libGL*',
    '*san_*',
    '*-asan*',
    'libwasmfs*',
    'libwebgpu*',
    '*-ww*',
  ].map((pattern) => `${LIBRARIES}/${pattern}`),
  instead:
    'Install Emscripten 3.1.69 or later (put it on PATH, or set EMSDK to the folder of an emsdk), cmake 3.25 and ninja; ' +
    'on Debian 13: apt-get install emscripten cmake ninja-build clang-format clang-tidy',
};

/**
 * @typedef {object} Toolchain
 * @property {string} id changes when the tools do
 * @property {string | null} root the private Debian root, or null for the machine's own tools
 * @property {(argv: string[], cwd?: string) => string[]} commandLine what really runs for `argv`
 * @property {(argv: string[], options?: Parameters<typeof run>[1]) => Promise<string>} run
 */

const isNewEnough = (version, oldest) => {
  const difference = oldest.map((part, i) => version[i] - part).find((part) => part !== 0);
  return difference === undefined || difference > 0;
};

/** The machine's own tools, or the reason why they do not serve. */
async function findOwnTools() {
  const emsdk = process.env.EMSDK;
  const folders = [
    ...(emsdk ? [join(emsdk, 'upstream/emscripten'), emsdk] : []),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const versions = {};
  for (const [tool, oldest] of Object.entries(OLDEST)) {
    const path = which(tool, folders);
    if (path === null) return { reason: `no ${tool} on PATH${emsdk ? ' or in $EMSDK' : ''}` };
    const text = (await run([path, '--version'])).match(/(\d+)\.(\d+)(?:\.(\d+))?/);
    versions[tool] = {
      path,
      numbers: (text ?? []).slice(1).map((part) => Number(part ?? 0)),
      text: text?.[0],
    };
    if (text === null || !isNewEnough(versions[tool].numbers, oldest)) {
      return { reason: `${path} is version ${text?.[0] ?? 'unknown'}, older than ${oldest.join('.')}` };
    }
  }
  return { versions };
}

/** @returns {Toolchain} */
function ownToolchain(versions) {
  const path = [dirname(versions.emcc.path), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path };
  return {
    id: Object.values(versions)
      .map((tool) => `${tool.path} ${tool.text}`)
      .join(', '),
    root: null,
    commandLine: (argv) => argv,
    run: (argv, options) => run(argv, { cwd: repository, env, ...options }),
  };
}

/** @returns {Promise<Toolchain>} */
async function privateToolchain(root) {
  const commandLine = (argv, cwd) => insideRoot(root, argv, cwd);
  const runInside = (argv, options) => run(commandLine(argv, options?.cwd), options);
  return { id: root, root, commandLine, run: (await canMount()) ? runInside : withCopies(root, runInside) };
}

/**
 * The toolchain, set up first if need be.
 *
 * @returns {Promise<Toolchain>}
 * @throws {UserError} where there is none and none can be made; it says what to install
 */
export async function findToolchain() {
  const { versions, reason } = await findOwnTools();
  if (versions) return ownToolchain(versions);
  if (process.env.EMSDK) throw new UserError(`EMSDK is set, but ${reason}: unset it, or:\n${RECIPE.instead}`);
  return privateToolchain(await debianRoot({ ...RECIPE, purpose: `${RECIPE.purpose} (${reason})` }));
}
