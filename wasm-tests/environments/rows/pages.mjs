// Pages without a bundler, and what hosts do to them.
import { openBothWays, openServed } from '../kinds/pages.mjs';
import { page, pageProgram } from '../kinds/programs.mjs';
import { serve } from '../server.mjs';

const PACKAGE = './node_modules/sotto/dist/index.js';
const MODEL = './node_modules/sotto-tiny-stories/index.js';
const importing = (address) => `import tinyStories from '${address}';`;

const FILES = {
  'index.html': page(),
  'main.js': pageProgram({ entry: PACKAGE, imports: importing(MODEL) }),
};

const IMPORT_MAP = `<script type="importmap">
{ "imports": { "sotto": "${PACKAGE}", "sotto-tiny-stories": "${MODEL}" } }
</script>`;

/** A folder that is served as it is: project, page and packages. */
const asItIs =
  ({ files = FILES, base = '/', types }) =>
  async (harness, name) => {
    const folder = await harness.project(name, files);
    const served = { folders: { [base]: folder }, types };
    return openBothWays(harness, served, { path: base.slice(1), hasThreads: true });
  };

/** A page with two threads, by headers of its host. */
const withHeaders = (headers) => async (harness, name) => {
  const folder = await harness.project(name, FILES);
  return openServed(harness, { folders: { '/': folder }, headersOf: () => headers }, { threads: 2 });
};

/** A page whose packages come from another host, as from a CDN. */
async function fromOtherOrigin(harness, name) {
  const packages = await harness.project(`${name}-cdn`, {});
  const cdn = await serve({
    folders: { '/': packages },
    headersOf: () => ({ 'Access-Control-Allow-Origin': '*' }),
  });
  try {
    const at = (path) => new URL(path, cdn.url).href;
    const folder = await harness.project(name, {
      'index.html': page(),
      'main.js': pageProgram({ entry: at(PACKAGE), imports: importing(at(MODEL)) }),
    });
    const outcome = await openServed(harness, { folders: { '/': folder } });
    return { ...outcome, downloads: [...outcome.downloads, ...cdn.downloads] };
  } finally {
    cdn.close();
  }
}

export const pages = [
  { name: 'static page', run: asItIs({}) },
  {
    name: 'import map',
    run: asItIs({ files: { 'index.html': page({ head: IMPORT_MAP }), 'main.js': pageProgram() } }),
  },
  { name: 'below a path', run: asItIs({ base: '/some/where/' }) },
  { name: 'from another origin', run: fromOtherOrigin },
  {
    name: 'wasm as application/octet-stream',
    run: asItIs({ types: { '.wasm': 'application/octet-stream' } }),
  },
  {
    name: 'isolated, require-corp',
    run: withHeaders({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    }),
  },
  {
    name: 'isolated, credentialless',
    run: withHeaders({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'credentialless',
    }),
  },
];
