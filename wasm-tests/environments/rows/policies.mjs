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

/** A page that is sent with a policy, whose icon is no concern of ours. */
const withPolicy =
  (policy, { options = '' } = {}) =>
  async (harness, name) => {
    const folder = await harness.project(name, files(options));
    const headersOf = () => ({ 'Content-Security-Policy': `${policy}; img-src data:` });
    return openServed(harness, { folders: { '/': folder }, headersOf });
  };

export const policies = [
  {
    name: 'policy: all that is needed',
    needs:
      "`script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'`, and the model's host in `connect-src`",
    threads: 'no',
    run: withPolicy(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
    ),
  },
  {
    name: "policy: no 'wasm-unsafe-eval'",
    run: withPolicy("default-src 'self'"),
    refused: /WebAssembly is forbidden.*'wasm-unsafe-eval' in script-src/,
  },
  {
    name: "policy: worker-src 'none'",
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"),
    refused: /worker-src.*worker: false/,
  },
  {
    name: "policy: worker-src 'none', in the page's thread",
    needs: '`worker: false`',
    threads: 'no',
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", { options: 'worker: false' }),
  },
  {
    name: "policy: connect-src 'none'",
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; connect-src 'none'"),
    refused: /connect-src/,
  },
  {
    name: 'policy: trusted types',
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'"),
    refused: /TrustedScriptURL/,
  },
  {
    name: "policy: trusted types, in the page's thread",
    needs: '`worker: false`',
    threads: 'no',
    run: withPolicy("default-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'", {
      options: 'worker: false',
    }),
  },
];
