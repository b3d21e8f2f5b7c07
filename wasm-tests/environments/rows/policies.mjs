// Pages with a Content-Security-Policy.
import { openServed } from '../kinds/pages.mjs';
import { page, pageProgram } from '../kinds/programs.mjs';

const files = (options) => ({
  'index.html': page(),
  'main.js': pageProgram({
    entry: './node_modules/sotto/dist/index.js',
    imports: "import tinyStories from './node_modules/sotto-tiny-stories/index.js';",
    options,
  }),
});

const withPolicy =
  (policy, { options = '' } = {}) =>
  async (harness, name) => {
    const folder = await harness.project(name, files(options));
    // The page's own icon, which is no concern of ours.
    const headersOf = () => ({ 'Content-Security-Policy': `${policy}; img-src data:` });
    return openServed(harness, { folders: { '/': folder }, headersOf });
  };

export const policies = [
  {
    name: 'a strict policy',
    run: withPolicy(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
    ),
  },
  {
    name: 'a policy without wasm',
    run: withPolicy("default-src 'self'"),
    refused: /WebAssembly is forbidden.*'wasm-unsafe-eval' in script-src/,
  },
  {
    name: "worker-src 'none'",
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"),
    refused: /worker-src.*worker: false/,
  },
  {
    name: "worker-src 'none', in this thread",
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", { options: 'worker: false' }),
  },
  {
    name: "connect-src 'none'",
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; connect-src 'none'"),
    refused: /connect-src/,
  },
  {
    name: 'trusted types',
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'"),
  },
];
