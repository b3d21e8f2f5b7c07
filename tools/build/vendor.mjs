// The runtime dependencies, put into the package as single ES modules: so it works with no bundler, and inside a worker,
// which import maps do not reach.
import { readFile } from 'node:fs/promises';
import { inRepository } from '../lib/folders.mjs';
import { withoutComments, writeIfChanged } from './files.mjs';

const FILES = {
  'tokenizers.js': 'node_modules/@huggingface/tokenizers/dist/tokenizers.min.mjs',
  'tokenizers.d.ts': 'web/vendor/tokenizers.d.ts',
  'tokenizers.LICENSE.txt': 'node_modules/@huggingface/tokenizers/LICENSE',
  'wasm-feature-detect.js': 'node_modules/wasm-feature-detect/dist/esm/index.js',
  'wasm-feature-detect.d.ts': 'node_modules/wasm-feature-detect/dist/index.d.ts',
  'wasm-feature-detect.LICENSE.txt': 'node_modules/wasm-feature-detect/LICENSE',
  ...noble('sha2', '_md', '_u64', 'utils'),
  'noble/LICENSE.txt': 'node_modules/@noble/hashes/LICENSE',
};

/** Hashes that take their bytes piece by piece, as browsers' do not. */
function noble(...names) {
  const files = names.flatMap((name) => [`${name}.js`, `${name}.d.ts`]);
  return Object.fromEntries(files.map((name) => [`noble/${name}`, `node_modules/@noble/hashes/${name}`]));
}

/** Fills dist/vendor/. */
export async function vendorLibraries() {
  for (const [name, source] of Object.entries(FILES)) {
    const contents = await readFile(inRepository(source), 'utf8');
    const isCommented = /^noble\/.*\.js$/.test(name);
    await writeIfChanged(
      inRepository('dist/vendor', name),
      isCommented ? withoutComments(contents) : contents,
    );
  }
}
