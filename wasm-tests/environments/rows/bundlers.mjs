// Tools that make a page's files out of a project.
import { servedByTool } from '../kinds/dev-servers.mjs';
import { bundled } from '../kinds/pages.mjs';
import { folderProgram, page, pageProgram } from '../kinds/programs.mjs';

const files = { 'index.html': page(), 'main.js': pageProgram() };

const VITE = "export default { worker: { format: 'es' } };";

/** Tools that leave the files of packages behind get the model's beside the page. */
const MODEL_FILES = { 'node_modules/sotto-tiny-stories': 'out/model', 'index.html': 'out/index.html' };

/** A page of Next, whose one component runs in the page alone. */
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

export const bundlers = [
  {
    name: 'Vite, dev',
    run: servedByTool({
      files: { ...files, 'vite.config.js': VITE },
      command: (port) => ['vite', '--host', '127.0.0.1', '--port', port, '--strictPort'],
    }),
  },
  {
    name: 'Vite, build',
    run: bundled({
      files: { ...files, 'vite.config.js': VITE },
      build: [['vite', 'build']],
      output: 'dist',
    }),
  },
  {
    name: 'webpack',
    run: bundled({
      files,
      build: [['webpack', './main.js', '--mode', 'production', '-o', 'out', '--output-filename', 'main.js']],
      copies: { 'index.html': 'out/index.html' },
      output: 'out',
    }),
  },
  {
    name: 'Rspack',
    run: bundled({
      files: {
        ...files,
        'rspack.config.js':
          "export default { entry: './main.js', mode: 'production', output: { filename: 'main.js' } };",
      },
      build: [['rspack', 'build']],
      copies: { 'index.html': 'dist/index.html' },
      output: 'dist',
    }),
  },
  {
    name: 'Next, dev',
    run: servedByTool({
      files: NEXT,
      command: (port) => ['next', 'dev', '--hostname', '127.0.0.1', '--port', port],
    }),
  },
  { name: 'Next, build', run: bundled({ files: NEXT, build: [['next', 'build']], output: 'out' }) },
  {
    name: 'esbuild, everything in one file',
    entry: 'sotto/inline',
    run: bundled({
      files: { ...files, 'main.js': folderProgram({ entry: 'sotto/inline' }) },
      build: [['esbuild', 'main.js', '--bundle', '--format=esm', '--outdir=out']],
      copies: MODEL_FILES,
      output: 'out',
    }),
  },
  {
    name: 'Parcel',
    run: bundled({
      files: {
        ...files,
        'package.json': '{ "private": true, "@parcel/resolver-default": { "packageExports": true } }',
      },
      build: [['parcel', 'build', 'index.html', '--no-cache']],
      output: 'dist',
    }),
  },
];
