// Files that keep their time when their contents stay the same, and never are half written.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** @param {string} path @param {string | Uint8Array} contents */
export async function writeIfChanged(path, contents) {
  const bytes = Buffer.from(contents);
  const present = await readFile(path).catch(() => null);
  if (present?.equals(bytes)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.partial`, bytes);
  await rename(`${path}.partial`, path);
}

export async function copyIfChanged(from, to) {
  await writeIfChanged(to, await readFile(from));
}
