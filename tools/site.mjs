// npm run site, after the build: the demo and the package as one folder, site/, for any static host. A
// Content-Security-Policy of the host's own has to allow connections to the hub, for models by name.
import './setup.mjs';
import { cp, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from './lib/console.mjs';
import { inRepository, removeFolder } from './lib/folders.mjs';
import { LIST, pageFiles } from './lib/page-files.mjs';

/** How the demo's models were trained is for readers of the repository. */
const isForVisitors = (path) =>
  !(basename(path) === 'training' && basename(dirname(dirname(path))) === 'models');

/** Puts the whole site into a folder, which is removed before. */
export async function buildSite(folder) {
  await removeFolder(folder);
  await cp(inRepository('demo'), folder, { recursive: true, filter: isForVisitors });
  await cp(inRepository('dist'), join(folder, 'sotto'), { recursive: true });
  await writeFile(join(folder, LIST), JSON.stringify(await pageFiles()));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    await buildSite(inRepository('site'));
    console.log(
      'site/ is ready: serve it from any path, with or without the headers of cross-origin isolation.',
    );
  });
}
