// The runtime dependencies, put into the package as single ES modules: so it works with no bundler, and inside a worker,
// which import maps do not reach.
import { inRepository } from '../lib/folders.mjs';
import { copyIfChanged } from './files.mjs';

const FILES = {
  'tokenizers.js': 'node_modules/@huggingface/tokenizers/dist/tokenizers.min.mjs',
  'tokenizers.d.ts': 'web/vendor/tokenizers.d.ts',
  'tokenizers.LICENSE.txt': 'node_modules/@huggingface/tokenizers/LICENSE',
  'wasm-feature-detect.js': 'node_modules/wasm-feature-detect/dist/esm/index.js',
  'wasm-feature-detect.d.ts': 'node_modules/wasm-feature-detect/dist/index.d.ts',
  'wasm-feature-detect.LICENSE.txt': 'node_modules/wasm-feature-detect/LICENSE',
};

/** Fills dist/vendor/. */
export async function vendorLibraries() {
  for (const [name, source] of Object.entries(FILES)) {
    await copyIfChanged(inRepository(source), inRepository('dist/vendor', name));
  }
}
