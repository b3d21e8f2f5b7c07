// What keeps the package's own scripts from running in a page, told in one place for the worker, its helpers and the engine.
import { isEdgeRuntime, isNode } from '../base/environment.js';
import { isOfOtherOrigin } from '../base/start-worker.js';
import { SottoError } from './errors.js';

/** What a service worker needs in place of `sotto`; null elsewhere. */
export const SERVICE_WORKER_NEEDS: string | null =
  'ServiceWorkerGlobalScope' in globalThis && !isEdgeRuntime
    ? 'A service worker may neither start workers nor import() scripts, by which sotto brings its engine: import ' +
      "'sotto/edge' in its place, which has all of it inside."
    : null;

const NODE_NEEDS = 'Threads may be switched off (--permission), or there are too many.';

/** What a script of the package needs so that a worker can be made of it. */
export function workerNeeds(script: URL): string {
  if (isNode) return NODE_NEEDS;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  const coep = `${isolated ? 'as this page is sent' : 'where the page is sent'} with Cross-Origin-Embedder-Policy`;
  if (isOfOtherOrigin(script)) {
    return (
      `Its script ${script} is of another origin, so it is imported by a worker of one line: the page's Content-Security-Policy ` +
      `must allow blob: and ${script.origin} in worker-src, and the script must be sent, as JavaScript, with ` +
      'Access-Control-Allow-Origin.'
    );
  }
  return (
    `Its script ${script} must be served from the page's own origin, as JavaScript, be allowed by the page's ` +
    `Content-Security-Policy (worker-src), and, ${coep}, be sent with that header, too: a browser blocks it without, and ` +
    'gives no reason. A bundler must have taken it along: docs/support.md says how. Where scripts need trusted types, the ' +
    'option worker takes a worker whose address a policy of the page made.'
  );
}

/** What the worker needs whose script is a part of sotto/inline. */
export function embeddedWorkerNeeds(): string {
  if (isNode) return NODE_NEEDS;
  return (
    "The worker of sotto/inline starts from a blob: address: the page's Content-Security-Policy must allow blob: in worker-src, " +
    'or, where it has none, in script-src.'
  );
}

/**
 * The error for a script of the package that `import()` did not bring.
 *
 * @param what What it is.
 */
export function cannotImport(what: string, cause: unknown): SottoError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SottoError('unsupported-environment', `${what} cannot be loaded (${why}). ${importAdvice()}`, {
    cause,
  });
}

function importAdvice(): string {
  if (SERVICE_WORKER_NEEDS !== null) return SERVICE_WORKER_NEEDS;
  if (isNode)
    return 'The package is not complete: install it again, or bundle all scripts of its dist/ folder.';
  return "The package's scripts must be served, as JavaScript, and be allowed by the Content-Security-Policy (script-src).";
}

/** As Chromium, Firefox and Safari say it. The same policy can refuse a script, which is another matter. */
const FORBIDDEN =
  /unsafe-eval|disallowed by embedder|(?:WebAssembly|wasm).*(?:\bCSP\b|content.security.policy)/i;

/** The error of a policy that forbids WebAssembly; null for any other cause. Browsers tell it by their messages alone. */
export function forbiddenWasm(cause: unknown): SottoError | null {
  if (!(cause instanceof Error)) return null;
  if (!FORBIDDEN.test(cause.message)) return null;
  if (isEdgeRuntime) return forbiddenAtEdge(cause);
  const where =
    typeof document === 'undefined' && 'WorkerGlobalScope' in globalThis
      ? "the Content-Security-Policy of the page or of the worker's script"
      : 'the Content-Security-Policy of the page';
  const advice = `${where} must have 'wasm-unsafe-eval' in script-src`;
  return new SottoError('unsupported-environment', `WebAssembly is forbidden here: ${advice}`, { cause });
}

function forbiddenAtEdge(cause: Error): SottoError {
  const file = `sotto/wasm/simd.wasm${'EdgeRuntime' in globalThis ? '?module' : ''}`; // as its bundler wants it
  const message =
    'this runtime compiles no WebAssembly when it runs; give it the binary as a module, which is compiled beforehand: ' +
    `import wasm from '${file}' and load(source, { wasm: { module: wasm } })`;
  return new SottoError('unsupported-environment', message, { cause });
}
