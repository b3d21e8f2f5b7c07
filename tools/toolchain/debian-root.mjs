// Private Debian roots: folders with a system of their own, whose programs run in a mount namespace (enter-root.sh).
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { cacheFolder, inRepository, madeOnce, repository } from '../lib/folders.mjs';
import { run, succeeds, which } from '../lib/process.mjs';
import { hostMirror, RELEASE } from './mirror.mjs';

const isRoot = process.getuid?.() === 0;
const namespace = isRoot ? ['unshare', '--mount'] : ['unshare', '--mount', '--user', '--map-root-user'];

/**
 * Whether folders can be mounted into a root. It decides as enter-root.sh does: in a namespace of the usual kind, else,
 * where we are in a chroot, in one that leaves the propagation of mounts as it is.
 */
export async function canMount() {
  if (await succeeds([...namespace, 'true'])) return true;
  const inChroot = 'mountpoint -q /proc && unshare --mount --propagation unchanged true';
  return isRoot && succeeds(['sh', '-c', inChroot]);
}

/** The keys of Debian's archive, which Debian has and its descendants may lack. */
const KEYRING_PACKAGE = 'debian-archive-keyring';

/** What no root needs: nobody reads there, and no program of theirs is developed there. */
const NEVER_UNPACKED = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/lintian/*',
];

/**
 * @typedef {object} Recipe
 * @property {string} name of the folder in the cache
 * @property {string} purpose in words, for the progress and for errors
 * @property {string[]} packages
 * @property {string[]} [neverUnpacked] patterns of dpkg's path-exclude
 * @property {{ architecture?: string, files?: string[] }} [unpacked] the packages are unpacked and not installed: those of
 *   another architecture than this machine's, say, and of them only these files, by paths like './usr/bin/x'
 * @property {boolean} [needsMounts] its programs do not run without /proc
 * @property {string} instead what its user can do where no root can be made
 */

/** Throws unless this machine lets us make and enter a root. */
async function requireRootsCanBeMade(recipe) {
  const refuse = (reason) => {
    throw new UserError(
      `${recipe.purpose} is missing, and no private copy can be made: ${reason}.\n${recipe.instead}`,
    );
  };
  if (process.platform !== 'linux') refuse('that needs Linux');
  const mounts = await canMount();
  if (!isRoot && !mounts) refuse('an ordinary user may not make namespaces (unshare --user fails)');
  if (recipe.needsMounts && !mounts) refuse('nothing may be mounted here');
  if (isRoot && !(await succeeds(['chroot', '/', 'true']))) refuse('not even chroot is allowed');
  if (which('mmdebstrap') === null) {
    if (!isRoot || which('apt-get') === null) refuse('mmdebstrap is not installed');
    await installMmdebstrap();
  }
}

/** The only change we make to the machine's own system. */
async function installMmdebstrap() {
  await phase('Installing mmdebstrap with apt-get', async (report) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const aptGet = ['apt-get', '-o', 'Acquire::Check-Valid-Until=false', '-o', 'Acquire::Check-Date=false'];
    const install = [...aptGet, 'install', '--yes', '--no-install-recommends', 'mmdebstrap', KEYRING_PACKAGE];
    await run([...aptGet, 'update'], { report });
    await run(install, { env, report });
  });
}

async function makeRoot(recipe, partial) {
  await requireRootsCanBeMade(recipe);
  const mirror = await hostMirror();
  const exclude = [...NEVER_UNPACKED, ...(recipe.neverUnpacked ?? [])].map(
    (path) => `--dpkgopt=path-exclude=${path}`,
  );
  const mmdebstrap = (target) => [
    'mmdebstrap',
    `--mode=${isRoot ? 'root' : 'unshare'}`,
    `--variant=${recipe.unpacked ? 'extract' : 'apt'}`,
    ...(recipe.unpacked?.architecture ? [`--architectures=${recipe.unpacked.architecture}`] : []),
    // A clock that is wrong by more than a week would refuse a good index; the signature is checked all the same.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Check-Date "false"',
    `--include=${recipe.packages.join(',')}`,
    ...exclude,
    RELEASE,
    target,
    ...(mirror === null ? [] : [mirror]),
  ];
  await phase(`Making a private Debian root with ${recipe.purpose}`, async (report) => {
    // In a namespace of its own where that is possible: what mmdebstrap mounts is then gone when it ends, however it ends.
    const prefix = (await succeeds([...namespace, 'true'])) ? namespace : [];
    const files = recipe.unpacked?.files ?? [];
    if (isRoot && files.length === 0) return run([...prefix, ...mmdebstrap(partial)], { report });
    // An ordinary user's root belongs to the user alone, so it cannot hold the devices and owners of the archive.
    const archive = `${partial}.tar`;
    await run([...(isRoot ? prefix : []), ...mmdebstrap(archive)], { report });
    const unpack = ['tar', '--extract', '--no-same-owner', '--exclude=./dev/*', '-C', partial, '-f', archive];
    await run([...(isRoot ? [] : namespace), ...unpack, ...files]);
    await unlink(archive);
  });
}

/**
 * The root that a recipe describes, made if it is not in the cache.
 *
 * @param {Recipe} recipe
 * @returns {Promise<string>} its folder
 */
export async function debianRoot(recipe) {
  const { packages, neverUnpacked, unpacked } = recipe;
  const contents = JSON.stringify([RELEASE, packages, neverUnpacked, ...(unpacked ? [unpacked] : [])]);
  const version = createHash('sha256').update(contents).digest('hex').slice(0, 8);
  return madeOnce(join(cacheFolder(), `${recipe.name}-${version}`), (partial) => makeRoot(recipe, partial));
}

/**
 * The command line that runs `argv` inside a root. The repository, the cache folder and /tmp are at their own paths, if
 * anything can be mounted here.
 *
 * @param {string} root
 * @param {string[]} argv
 * @param {string} [cwd] the repository's root by default
 */
export function insideRoot(root, argv, cwd = repository) {
  const folders = [repository, cacheFolder()].join(':');
  return [inRepository('tools/toolchain/enter-root.sh'), root, cwd, folders, ...argv];
}
