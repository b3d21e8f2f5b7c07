// XNNPACK and the three small libraries that it needs, as Debian's source packages.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { cacheFolder, madeOnce, removeFolder } from '../lib/folders.mjs';
import { run, which } from '../lib/process.mjs';
import { debianKeyring, hostMirror, mirrorOfRoot, RELEASE } from './mirror.mjs';

/** Source packages and the sha256 of their original archives. */
const ARCHIVES = {
  xnnpack: '90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99',
  pthreadpool: '4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708',
  fxdiv: '7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b',
  fp16: '7d7782b37b74136e0e12593a2a93ccbe7db831f4374cc408e44623d9b708b54e',
};

const INSTEAD =
  'Put the original archives of the Debian 13 source packages xnnpack, pthreadpool, fxdiv and fp16 (*.orig.tar.xz) into a ' +
  'folder, and set SOTTO_XNNPACK_TARS to it.';

/** Downloads the archives into `folder` with an apt configuration of its own. */
async function download(folder, toolchain) {
  const mirror = (await hostMirror()) ?? (toolchain.root && mirrorOfRoot(toolchain.root));
  if (!mirror || which('apt-get') === null)
    throw new UserError(
      `The sources of XNNPACK cannot be fetched: no apt here knows a Debian mirror.\n${INSTEAD}`,
    );
  const apt = join(folder, 'apt');
  for (const needed of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(apt, needed), { recursive: true });
  const sources = join(apt, 'sources.list');
  await writeFile(sources, `deb-src [signed-by=${debianKeyring()}] ${mirror} ${RELEASE} main\n`);
  const options = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    // As root, apt would download as the user _apt, who may not write here.
    'APT::Sandbox::User': process.getuid() === 0 ? 'root' : '',
    // A wrong clock refuses a good index; the archives are checked by their sha256 below.
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Check-Date': 'false',
  };
  const aptGet = [
    'apt-get',
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
  await phase('Downloading the sources of XNNPACK', async (report) => {
    await run([...aptGet, 'update'], { report });
    await run([...aptGet, 'source', '--tar-only', '--download-only', ...Object.keys(ARCHIVES)], {
      cwd: folder,
      report,
    });
  });
}

/** The package's archive in `folder`, once its sha256 is right. */
async function checkedArchive(folder, name) {
  const file = (await readdir(folder)).find(
    (entry) => entry.startsWith(`${name}_`) && entry.endsWith('.orig.tar.xz'),
  );
  if (file === undefined) throw new UserError(`${folder} has no ${name}_*.orig.tar.xz.\n${INSTEAD}`);
  const path = join(folder, file);
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (sha256 !== ARCHIVES[name]) {
    throw new UserError(
      `${path} has the sha256 ${sha256}, and ${ARCHIVES[name]} is expected: it is damaged, or another version.`,
    );
  }
  return path;
}

/**
 * The folder with the unpacked xnnpack, pthreadpool, fxdiv and fp16, brought if it is not in the cache.
 *
 * @param {import('./emscripten.mjs').Toolchain} toolchain its private root, if any, has the xz that the machine may lack
 * @returns {Promise<string>}
 * @throws {UserError} where they cannot be fetched, or are not what is expected
 */
export async function xnnpackSources(toolchain) {
  const version = createHash('sha256').update(JSON.stringify(ARCHIVES)).digest('hex').slice(0, 8);
  return madeOnce(join(cacheFolder(), `xnnpack-${version}`), async (partial) => {
    const archives = join(partial, 'archives');
    const given = process.env.SOTTO_XNNPACK_TARS;
    if (given) await cp(given, archives, { recursive: true });
    else await download(archives, toolchain);
    const tar = ['tar', ...['test', 'bench'].map((folder) => `--exclude=*/${folder}`)];
    if (which('xz') === null && toolchain.root !== null) {
      tar.push(`--use-compress-program=${toolchain.commandLine(['xz'], '/').join(' ')}`);
    }
    for (const name of Object.keys(ARCHIVES)) {
      const archive = await checkedArchive(archives, name);
      const unpacked = join(archives, name);
      await mkdir(unpacked);
      await run([...tar, '-C', unpacked, '-x', '-f', archive]);
      // Some archives hold one folder and some hold its contents.
      const [only, ...others] = await readdir(unpacked);
      await rename(others.length === 0 ? join(unpacked, only) : unpacked, join(partial, name));
    }
    await removeFolder(archives);
  });
}
