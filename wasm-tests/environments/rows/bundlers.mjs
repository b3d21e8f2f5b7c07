// Tools that make a page's files out of a project.
import { servedByTool } from '../kinds/dev-servers.mjs';
import { bundled } from '../kinds/pages.mjs';
import { folderProgram, page, pageProgram, workerProgram } from '../kinds/programs.mjs';

const FILES = { 'index.html': page(), 'main.js': pageProgram() };

const VITE = {
  ...FILES,
  'vite.config.js': "export default { base: './', worker: { format: 'es' } };",
};

const RSPACK = {
  ...FILES,
  'rspack.config.js':
    "export default { entry: './main.js', mode: 'production', output: { filename: 'main.js' } };",
};

/** A page of Next, whose one component loads the model in the page alone. */
const NEXT = {
  'next.config.mjs': "export default { output: 'export' };",
  'app/layout.js': `export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
  'app/page.js': `'use client';
import { LanguageModel } from 'sotto';
import tinyStories from 'sotto-tiny-stories';
import { useEffect } from 'react';
import { tell } from '../story.js';

export default function Page() {
  useEffect(() => {
    const threads = Number(new URLSearchParams(location.search).get('threads') ?? 1);
    globalThis.outcome ??= tell(() => LanguageModel.load(tinyStories, { threads }));
  }, []);
  return <p>A page of a user</p>;
}
`,
};

/** It reads `exports` of packages where it is told to, and would install a stand-in for Node's `process`. */
const PARCEL = { '@parcel/resolver-default': { packageExports: true }, alias: { process: false } };
const PARCEL_BUILD = [['parcel', 'build', 'index.html', '--no-cache', '--no-autoinstall']];

const PAGE_AND_MODEL = {
  'index.html': 'out/index.html',
  'node_modules/sotto-tiny-stories': 'out/model',
};

/**
 * The two ways of a tool that leaves behind what `new URL(…, import.meta.url)` names in a package: a worker's script of
 * the project's own, with the binaries copied beside it, or one file that holds everything.
 *
 * @param {string} name of the tool
 * @param {(scripts: string[]) => string[]} command its command line, which writes into the folder out
 */
const twoWays = (name, command) => [
  {
    name: `${name}, a worker of one's own`,
    entry: 'sotto and sotto/worker',
    needs:
      "a script of its own that imports `sotto/worker`, given as the option `worker`; `dist/wasm` copied beside it; the model's files copied",
    threads: 'with headers',
    run: bundled({
      files: { 'index.html': page(), 'main.js': workerProgram(), 'worker.js': "import 'sotto/worker';\n" },
      build: [command(['main.js', 'worker.js'])],
      copies: { ...PAGE_AND_MODEL, 'node_modules/sotto/dist/wasm': 'out/wasm' },
      output: 'out',
    }),
  },
  {
    name: `${name}, everything in one file`,
    entry: 'sotto/inline',
    needs: "the model's files copied",
    threads: 'no',
    run: bundled({
      files: { 'index.html': page(), 'main.js': folderProgram({ entry: 'sotto/inline' }) },
      build: [command(['main.js'])],
      copies: PAGE_AND_MODEL,
      output: 'out',
    }),
  },
];

export const bundlers = [
  {
    name: 'Vite, dev',
    needs: '',
    threads: 'with headers',
    isDevelopment: true,
    run: servedByTool({
      files: FILES,
      command: (port) => ['vite', '--host', '127.0.0.1', '--port', port, '--strictPort'],
    }),
  },
  {
    name: 'Vite, build',
    needs: '',
    threads: 'with headers',
    run: bundled({ files: FILES, build: [['vite', 'build']], output: 'dist' }),
  },
  {
    name: 'Vite, build, a worker of modules',
    needs: "`worker: { format: 'es' }`, and chat and forms are loaded when they are used",
    threads: 'with headers',
    run: bundled({ files: VITE, build: [['vite', 'build']], output: 'dist' }),
  },
  {
    name: 'Vite, build, below a path',
    needs: '`base`',
    threads: 'with headers',
    run: bundled({ files: VITE, build: [['vite', 'build']], output: 'dist', base: '/some/where/' }),
  },
  {
    name: 'webpack',
    needs: '',
    threads: 'with headers',
    run: bundled({
      files: FILES,
      build: [['webpack', './main.js', '--mode', 'production', '-o', 'out', '--output-filename', 'main.js']],
      copies: { 'index.html': 'out/index.html' },
      output: 'out',
    }),
  },
  {
    name: 'Rspack',
    needs: '',
    threads: 'with headers',
    run: bundled({
      files: RSPACK,
      build: [['rspack', 'build']],
      copies: { 'index.html': 'dist/index.html' },
      output: 'dist',
    }),
  },
  {
    name: 'Next, dev',
    needs: 'a client component',
    threads: 'with headers',
    isDevelopment: true,
    run: servedByTool({
      files: NEXT,
      command: (port) => ['next', 'dev', '--hostname', '127.0.0.1', '--port', port],
    }),
  },
  {
    name: 'Next, build',
    needs: 'a client component',
    threads: 'with headers',
    run: bundled({ files: NEXT, build: [['next', 'build']], output: 'out' }),
  },
  {
    name: 'Parcel, with `sotto`',
    refused: /'import\.meta' cannot be used outside of module code.*threads\.js/s,
    run: bundled({ files: FILES, metadata: PARCEL, build: PARCEL_BUILD, output: 'dist' }),
  },
  {
    name: 'Parcel, everything in one file',
    entry: 'sotto/inline',
    needs:
      '`"@parcel/resolver-default": { "packageExports": true }` and `"alias": { "process": false }` in package.json; ' +
      "the model's files copied",
    threads: 'no',
    run: bundled({
      files: { 'index.html': page(), 'main.js': folderProgram({ entry: 'sotto/inline' }) },
      metadata: PARCEL,
      build: PARCEL_BUILD,
      copies: { 'node_modules/sotto-tiny-stories': 'dist/model' },
      output: 'dist',
    }),
  },
  {
    name: 'esbuild, nothing done',
    refused: /the worker did not start.*worker\.js must be served.*A bundler must have taken it along/,
    run: bundled({
      files: { 'index.html': page(), 'main.js': folderProgram() },
      build: [['esbuild', 'main.js', '--bundle', '--format=esm', '--outdir=out']],
      copies: PAGE_AND_MODEL,
      output: 'out',
    }),
  },
  ...twoWays('esbuild', (scripts) => [
    ...['esbuild', '--bundle', '--splitting', '--minify', '--format=esm', '--outdir=out'],
    ...scripts,
  ]),
  ...twoWays('Rollup', (scripts) => ['rollup', '-d', 'out', '-p', '@rollup/plugin-node-resolve', ...scripts]),
  ...twoWays("Bun's bundler", (scripts) => [
    ...['bun', 'build', '--splitting', '--minify', '--outdir', 'out'],
    ...scripts,
  ]),
  ...twoWays("Deno's bundler", (scripts) => [
    ...['deno', 'bundle', '--code-splitting', '--minify', '--platform', 'browser', '--outdir', 'out'],
    ...scripts,
  ]),
];
