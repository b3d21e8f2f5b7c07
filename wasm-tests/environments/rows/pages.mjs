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
  async (harness, name, { threads }) => {
    const folder = await harness.project(name, files);
    const served = { folders: { [base]: folder }, types };
    return openBothWays(harness, served, { path: base.slice(1), threads });
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

const isolated = (policy) => ({
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': policy,
});

export const pages = [
  { name: 'static page', needs: '', threads: 'with headers', run: asItIs({}) },
  {
    name: 'import map',
    needs: 'an import map with the addresses of `dist/index.js`',
    threads: 'with headers',
    run: asItIs({ files: { 'index.html': page({ head: IMPORT_MAP }), 'main.js': pageProgram() } }),
  },
  { name: 'page below a path', needs: '', threads: 'with headers', run: asItIs({ base: '/some/where/' }) },
  {
    name: 'sotto from another origin (CDN)',
    needs: '`Access-Control-Allow-Origin` there, as every CDN sends it',
    threads: 'no',
    run: fromOtherOrigin,
  },
  {
    name: 'everything in one file',
    entry: 'sotto/inline',
    needs: '',
    threads: 'no',
    run: asItIs({
      files: {
        'index.html': page(),
        'main.js': pageProgram({
          entry: './node_modules/sotto/dist/inline.js',
          imports: importing(MODEL),
        }),
      },
    }),
  },
  {
    name: 'wasm sent as application/octet-stream',
    needs: '',
    threads: 'with headers',
    run: asItIs({ types: { '.wasm': 'application/octet-stream' } }),
  },
  {
    name: 'isolated, COEP require-corp',
    needs: "the same header with the package's scripts",
    threads: 'yes',
    run: withHeaders(isolated('require-corp')),
  },
  {
    name: 'isolated, COEP credentialless',
    needs: "either header with the package's scripts",
    threads: 'yes',
    run: withHeaders(isolated('credentialless')),
  },
];
