// npm run site, after the build: the demo and the package as one folder, site/, for any static host.
import './setup.mjs';
import { cp } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { main } from './lib/console.mjs';
import { inRepository, removeFolder } from './lib/folders.mjs';

/** How the demo's models were trained is for readers of the repository. */
const isForVisitors = (path) =>
  !(basename(path) === 'training' && basename(dirname(dirname(path))) === 'models');

await main(async () => {
  const site = inRepository('site');
  await removeFolder(site);
  await cp(inRepository('demo'), site, { recursive: true, filter: isForVisitors });
  await cp(inRepository('dist'), inRepository('site/sotto'), { recursive: true });
  console.log(
    'site/ is ready: serve it from any path, with or without the headers of cross-origin isolation.',
  );
});
