import { shownAddress, withoutSecrets } from '../base/address.js';
import { importNode, isNode } from '../base/environment.js';
import type { WasmSource } from '../options/engine-options.js';
import { shorten, show } from '../options/option-checks.js';
import { forbiddenWasm } from '../results/environment-errors.js';
import { SottoError, type SottoErrorCode } from '../results/errors.js';
import { packageBinary } from './binaries.js';
import type { Variant } from './variant.js';

/** A binary that is ready to be instantiated, as often as wanted. */
export interface CompiledWasm {
  module: WebAssembly.Module;
  /** Its size, or null where only the browser knows it. */
  byteLength: number | null;
}

/** Binaries by their address or name: several models in one thread compile once. */
const compiled = new Map<string, Promise<CompiledWasm>>();

/**
 * Compiles the variant's binary from where the caller says, else from the package.
 *
 * @throws SottoError 'file-not-found', 'network', 'bad-file', 'unsupported-environment'
 */
export async function compileWasm(variant: Variant, source?: WasmSource): Promise<CompiledWasm> {
  if (source !== undefined && 'module' in source) return { module: source.module, byteLength: null };
  if (source !== undefined && 'bytes' in source) return compileBytes(source.bytes, 'the given bytes');
  const from = source === undefined ? packageBinary(variant.name) : await toUrl(source.url);
  const key = from instanceof URL ? from.href : from.name;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const compiling =
    from instanceof URL ? compileUrl(from) : from.read().then((bytes) => compileBytes(bytes, from.name));
  compiled.set(key, compiling);
  compiling.catch(() => compiled.delete(key)); // the next load tries again
  return compiling;
}

async function compileUrl(url: URL): Promise<CompiledWasm> {
  if (url.protocol === 'file:' && isNode) return compileBytes(await readFile(url), url.href);
  const response = await fetch(url).catch((cause: unknown) => {
    throw wasmError('network', url.href, 'cannot be fetched', cause);
  });
  if (!response.ok) {
    const code = response.status === 404 || response.status === 410 ? 'file-not-found' : 'network';
    throw wasmError(code, url.href, `cannot be fetched (HTTP ${response.status})`);
  }
  // compileStreaming insists on the MIME type, which simple servers do not know; and not every runtime has it.
  const isStreamable =
    typeof WebAssembly.compileStreaming === 'function' &&
    /^application\/wasm$/i.test(response.headers.get('content-type') ?? '');
  if (!isStreamable) {
    const bytes = await response.arrayBuffer().catch((cause: unknown) => {
      throw wasmError('network', url.href, 'was cut off', cause);
    });
    return compileBytes(bytes, url.href);
  }
  const length = response.headers.get('content-length');
  const isEncoded = response.headers.has('content-encoding');
  const module = await attempt(
    () => WebAssembly.compileStreaming(response),
    // Anything but an error of the compiler comes from the connection.
    (cause) =>
      cause instanceof WebAssembly.CompileError || forbiddenWasm(cause) !== null
        ? compileError(url.href, cause)
        : wasmError('network', url.href, 'was cut off', cause),
  );
  return { module, byteLength: length === null || isEncoded ? null : Number(length) };
}

async function compileBytes(bytes: BufferSource, from: string): Promise<CompiledWasm> {
  const module = await attempt(
    () => WebAssembly.compile(bytes),
    (cause) => compileError(from, cause),
  );
  return { module, byteLength: bytes.byteLength };
}

async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const { readFile: read } = await importNode('node:fs/promises');
  return read(url).catch((cause: unknown) => {
    throw wasmError('file-not-found', url.href, 'cannot be read', cause);
  });
}

/** A string is an absolute URL, or a path where there is a disk. */
async function toUrl(url: string | URL): Promise<URL> {
  if (url instanceof URL) return url;
  if (isNode && !/^[a-z][a-z\d+.-]+:/i.test(url)) return (await importNode('node:url')).pathToFileURL(url);
  try {
    return new URL(url);
  } catch (cause) {
    throw new SottoError('bad-option', `wasm.url is ${show(shownAddress(url))}; it must be a valid URL`, {
      cause,
    });
  }
}

/** Does it, and says what went wrong in our words, whether the runtime throws or rejects. */
async function attempt<T>(compile: () => Promise<T>, toError: (cause: unknown) => SottoError): Promise<T> {
  try {
    return await compile();
  } catch (cause) {
    throw toError(cause);
  }
}

function compileError(from: string, cause: unknown): SottoError {
  if (cause instanceof RangeError) {
    return new SottoError('out-of-memory', `no memory to compile the engine (${cause.message})`, { cause });
  }
  return forbiddenWasm(cause) ?? wasmError('bad-file', from, 'is no intact WebAssembly binary', cause);
}

function wasmError(code: SottoErrorCode, from: string, problem: string, cause?: unknown): SottoError {
  const told = cause instanceof Error ? cause.message : '';
  const said = withoutSecrets(told, from);
  const why = said === '' ? '' : ` (${shorten(said, 200)})`;
  const advice =
    "Serve the package's dist/wasm folder beside its scripts, or say where it is by the option wasm.";
  const isSafe = said === told; // else the cause would tell what the message does not
  return new SottoError(
    code,
    `the engine's binary ${shorten(shownAddress(from), 200)} ${problem}${why}. ${advice}`,
    isSafe ? { cause } : {},
  );
}
