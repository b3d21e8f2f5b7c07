// dist/LICENSES.txt: what we must say of the code of others that is in the package.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inRepository } from '../lib/folders.mjs';
import { writeIfChanged } from './files.mjs';

/** In the binaries, from sources that the build brings: XNNPACK and what it needs. */
const SOURCES = ['xnnpack', 'pthreadpool', 'fxdiv', 'fp16'];

/** In the binaries and their glue, from the compiler; their texts are beside this script. */
const TOOLS = { emscripten: 'Emscripten, its system libraries and its glue', musl: 'musl', llvm: 'LLVM' };

/** In the scripts, from npm. */
const LIBRARIES = ['@huggingface/tokenizers', 'hash-wasm', 'wasm-feature-detect'];

const section = (title, text) => `${title}\n${'-'.repeat(title.length)}\n\n${text.trim()}\n`;

/** @param {string} sources the folder with XNNPACK's sources */
export async function writeNotices(sources) {
  const sections = [
    ...SOURCES.map(async (name) => section(name, await readFile(join(sources, name, 'LICENSE'), 'utf8'))),
    ...Object.entries(TOOLS).map(async ([name, title]) =>
      section(title, await readFile(inRepository('tools/build/notices', `${name}.txt`), 'utf8')),
    ),
    ...LIBRARIES.map(async (name) => {
      const folder = inRepository('node_modules', name);
      const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      return section(`${name} ${version}`, await readFile(join(folder, 'LICENSE'), 'utf8'));
    }),
  ];
  const intro = 'Parts of this package were written by others, who ask that this be told.\n';
  await writeIfChanged(
    inRepository('dist/LICENSES.txt'),
    [intro, ...(await Promise.all(sections))].join('\n\n'),
  );
}
