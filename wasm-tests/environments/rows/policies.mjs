// Pages with a Content-Security-Policy.
import { openServed } from '../kinds/pages.mjs';
import { page, pageProgram } from '../kinds/programs.mjs';

const DIST = './node_modules/sotto/dist';

const TRUSTED =
  "default-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types mine";

/** A worker of the page's own, from an address that the page itself vouches for. */
const OWN_WORKER =
  "worker: new Worker(trustedTypes.createPolicy('mine', { createScriptURL: (url) => url })" +
  `.createScriptURL('${DIST}/worker.js'), { type: 'module' })`;

const files = (options) => ({
  'index.html': page(),
  'main.js': pageProgram({
    entry: `${DIST}/index.js`,
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
    run: withPolicy(TRUSTED),
    refused: /TrustedScriptURL.*trusted types, the option worker/,
  },
  {
    name: "policy: trusted types, a worker of one's own",
    entry: 'sotto and sotto/worker',
    needs: 'a worker whose address a policy of the page made, as the option `worker`',
    threads: 'no',
    run: withPolicy(TRUSTED, { options: OWN_WORKER }),
  },
  {
    name: "policy: trusted types, in the page's thread",
    needs: '`worker: false`',
    threads: 'no',
    run: withPolicy(TRUSTED, { options: 'worker: false' }),
  },
];
