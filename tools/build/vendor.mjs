// The runtime dependencies, as single ES modules that the compiled TypeScript and the bundles import.
import { readFile } from 'node:fs/promises';
import { inRepository } from '../lib/folders.mjs';
import { copyIfChanged, writeIfChanged } from './files.mjs';

const FILES = {
  'tokenizers.js': 'node_modules/@huggingface/tokenizers/dist/tokenizers.min.mjs',
  'tokenizers.d.ts': 'web/vendor/tokenizers.d.ts',
  'wasm-feature-detect.js': 'node_modules/wasm-feature-detect/dist/esm/index.js',
  'wasm-feature-detect.d.ts': 'node_modules/wasm-feature-detect/dist/index.d.ts',
  'sha256.d.ts': 'web/vendor/sha256.d.ts',
};

/** A script of before there were modules, which puts what it has into an object. */
function asModule(script, name) {
  return `const exports = {};\nconst module = { exports };\n${script}\nexport const { ${name} } = module.exports;\n`;
}

/** Fills build/web/vendor/. */
export async function vendorLibraries() {
  for (const [name, source] of Object.entries(FILES)) {
    await copyIfChanged(inRepository(source), inRepository('build/web/vendor', name));
  }
  const sha256 = await readFile(inRepository('node_modules/hash-wasm/dist/sha256.umd.min.js'), 'utf8');
  await writeIfChanged(inRepository('build/web/vendor/sha256.js'), asModule(sha256, 'createSHA256'));
}
