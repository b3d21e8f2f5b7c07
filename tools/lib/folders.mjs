// Where things are, and how a folder is made whole or not at all.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { link, mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

/** The repository's root folder. */
export const repository = realpathSync(fileURLToPath(new URL('../../', import.meta.url)));

/** `path`, relative to the repository's root; an absolute one is what it is. */
export const inRepository = (...path) =>
  isAbsolute(path.at(-1) ?? '') ? path.at(-1) : join(repository, ...path);

/** The folder, outside the repository, for what takes long to make: $SOTTO_TOOLS_CACHE, else in the user's cache folder. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = resolve(process.env.SOTTO_TOOLS_CACHE || join(base, 'sotto'));
  mkdirSync(folder, { recursive: true });
  return realpathSync(folder);
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Takes the lock file, whole from the start, or says that another has it. */
async function tryToTake(lock) {
  const own = `${lock}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    await unlink(own);
  }
}

/** Runs `work` while no other process of this machine holds the same lock file. A lock left by a dead process is void. */
export async function withLock(lock, work) {
  await mkdir(dirname(lock), { recursive: true });
  for (let told = false; !(await tryToTake(lock)); ) {
    const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
    if (holder !== 0 && !isRunning(holder)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!told) console.log(`Waiting for process ${holder}, which is at the same work (${lock})`);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Removes a folder; never what is mounted inside it, as it may be in a root that was left half made. */
export async function removeFolder(folder) {
  if (process.platform === 'linux') await run(['rm', '-rf', '--one-file-system', folder]);
  else rmSync(folder, { recursive: true, force: true });
}

/**
 * The folder, made by `make` if it is not there. It gets its name only when it is finished: an interrupted set-up
 * starts clean.
 *
 * @param {string} folder
 * @param {(partial: string) => Promise<void>} make fills the empty folder that it is given
 */
export async function madeOnce(folder, make) {
  if (existsSync(folder)) return folder;
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    const partial = `${folder}.partial`;
    await removeFolder(partial);
    mkdirSync(partial, { recursive: true });
    await make(partial);
    await rename(partial, folder);
    return folder;
  });
}
