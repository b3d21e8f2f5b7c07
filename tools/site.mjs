// npm run site, after the build: the demo, the package and the documentation as one folder, site/, for any static host.
// The demo runs at any path; the documentation at the one that `--base /some/where/` tells (default: /). A
// Content-Security-Policy of the host's own has to allow connections to the hub, for models by name, and for the documentation
// the scripts and styles that stand in its pages.
import './setup.mjs';
import { cp, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { main, UserError } from './lib/console.mjs';
import { inRepository, removeFolder } from './lib/folders.mjs';
import { LIST, pageFiles } from './lib/page-files.mjs';
import { buildDocs } from './site/docs.mjs';

/** How the demo's models were trained is for readers of the repository. */
const isForVisitors = (path) =>
  !(basename(path) === 'training' && basename(dirname(dirname(path))) === 'models');

/** Puts the demo and the package into a folder, which is removed before. */
export async function buildSite(folder) {
  await removeFolder(folder);
  await cp(inRepository('demo'), folder, { recursive: true, filter: isForVisitors });
  await cp(inRepository('dist'), join(folder, 'sotto'), { recursive: true });
  await writeFile(join(folder, LIST), JSON.stringify(await pageFiles()));
}

/** The path that the command line tells. */
function baseOf(args) {
  const { values } = parseArgs({ args, options: { base: { type: 'string', default: '/' } } });
  if (/^\/(?:[\w.~-]+\/)*$/.test(values.base)) return values.base;
  throw new UserError(`--base is '${values.base}', and must be a path such as / or /some/where/`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const base = baseOf(process.argv.slice(2));
    const folder = inRepository('site');
    await buildSite(folder);
    await buildDocs(folder, base);
    console.log(
      `site/ is ready: serve it at ${base}, with or without the headers of cross-origin isolation. ` +
        'The demo is at its root, the documentation in docs/.',
    );
  });
}
