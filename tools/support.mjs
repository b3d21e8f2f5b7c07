// node tools/support.mjs: makes docs/support.md from wasm-tests/environments/table.mjs and the figures noted beside it.
import './setup.mjs';
import { pathToFileURL } from 'node:url';
import { FIGURES } from '../wasm-tests/environments/figures.mjs';
import { TABLE } from '../wasm-tests/environments/table.mjs';
import { writeIfChanged } from './build/files.mjs';
import { main } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';

const PAGE = inRepository('docs/support.md');

const INTRODUCTION = `# Where sotto runs

<!-- Made by tools/support.mjs from wasm-tests/environments/table.mjs: change the table. -->

Every row is a test: it installs the packed package and its small model in an empty project, builds
it with that tool, runs it, and compares the text with the one that Node gives. Files and kB (gzip)
are all that a page downloads of sotto and of itself, beside its document and the model.
`;

const HEAD =
  '| where | import | what it needs | threads | files | kB |\n| --- | --- | --- | --- | --- | --- |';

const THREADS = {
  yes: 'yes',
  no: 'one',
  'with headers': 'with the [headers](../README.md#what-your-page-needs)',
};

function cellsOf({ name, entry = 'sotto', needs = '', threads = 'no', refused, cannot, isDevelopment }) {
  const imports = entry
    .split(' and ')
    .map((each) => `\`${each}\``)
    .join(' and ');
  if (cannot !== undefined) return [name, '', `not tested: ${cannot}`, '', '', ''];
  if (refused !== undefined) return [name, imports, 'does not run: an error says why', '', '', ''];
  const { files = '', kilobytes = '' } = (!isDevelopment && FIGURES[name]) || {};
  return [name, imports, needs || 'nothing', THREADS[threads], files, kilobytes];
}

/** docs/support.md, as it should be. */
export function supportPage() {
  const parts = Object.entries(TABLE).map(([heading, rows]) => {
    const lines = rows.map((row) => `| ${cellsOf(row).join(' | ')} |`);
    return `## ${heading}\n\n${[HEAD, ...lines].join('\n')}\n`;
  });
  return [INTRODUCTION, ...parts].join('\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(() => writeIfChanged(PAGE, supportPage()));
}
