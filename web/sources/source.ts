import type { HasRandomAccess } from '../base/random-access.js';
import { SottoError } from '../results/errors.js';

/** What tells a file from another one of its name, as far as its source knows. */
export interface FileIdentity {
  /** The server's mark of this content. */
  etag?: string;
  /** Milliseconds since 1970. */
  lastModified?: number;
  /** In bytes, or null where that is not known beforehand. */
  size: number | null;
  /** Of the content, as whoever keeps the files knows it beforehand. */
  digest?: FileDigest;
}

/** A hash of a file's bytes: their SHA-256, or git's, which is the SHA-1 of `blob`, a space, the size, a NUL and the bytes. */
export interface FileDigest {
  algorithm: 'sha256' | 'git-sha1';
  /** Lower-case. */
  hex: string;
}

/** One file of a model, opened for reading. */
export interface SourceFile extends HasRandomAccess {
  /** The name that it was opened by. */
  readonly name: string;
  /** Size in bytes as {@link stream} will yield them, or null when that is not known beforehand. */
  readonly size: number | null;
  /** Whether {@link stream} begins anywhere without reading what lies before, and may be called more than once. */
  readonly seeks: boolean;
  /** Null where nothing is known, as of bytes in memory. */
  readonly identity: FileIdentity | null;
  /**
   * The bytes from `begin` to the last; default 0. To be called once, and from the first, unless the file seeks; leaving
   * the loop early releases what is held. A chunk is valid until the next one is asked for, and must not be written to:
   * copy what is to be kept.
   *
   * @throws SottoError 'network' when the connection is cut; what the signal given to `open` was aborted with.
   */
  stream(begin?: number): AsyncIterable<Uint8Array>;
  /** Of the bytes streamed so far, how many came from a store; undefined where there is none. */
  readonly fromStore?: number;
  /** Lets go of a file that is not streamed any more; where there is nothing to let go of, it is left out. */
  close?(): Promise<void>;
}

/**
 * A server does not say whether it has a file (HTTP 400, 401, 403): those that do not list what they hold answer so for what
 * is not there, too. A file that a model can do without counts as absent then.
 */
export class RefusedError extends SottoError {
  constructor(message: string) {
    super('network', message);
  }
}

/** Where the files of a model come from. Every implementation passes wasm-tests/sources/conformance.mjs. */
export interface ModelSource {
  /** Whether its files have random access, and keep it while the model runs. */
  readonly hasRandomAccess?: boolean;
  /** Whether what was named like a file is a folder, which this is. */
  readonly isFolderNamedLikeFile?: boolean;
  /**
   * Opens a file by its name inside the model's folder, such as `config.json`.
   *
   * @returns The file, or null when there is none of that name.
   * @throws RefusedError, or SottoError 'network', when it cannot be told whether there is one; what `signal` was aborted with.
   */
  open(name: string, signal?: AbortSignal): Promise<SourceFile | null>;
  /**
   * The names of the files that lie right in a subfolder of the model's folder, in order; none where the source would have to
   * ask a server that keeps no list.
   */
  list(subfolder: string): Promise<string[]>;
  /** For messages: where a file of that name was or would be looked for, and why it counts as absent. */
  location(name: string): string;
}

/**
 * Opens a file that the model cannot do without.
 *
 * @param namedBy The file that says that there is such a file, where one does.
 * @throws SottoError 'file-not-found' when the source has none of that name, and what `source.open` throws.
 */
export async function openRequired(
  source: ModelSource,
  name: string,
  signal?: AbortSignal,
  namedBy?: string,
): Promise<SourceFile> {
  const file = await source.open(name, signal);
  if (file === null) {
    const what = namedBy === undefined ? name : `${name}, which ${namedBy} names,`;
    throw new SottoError(
      'file-not-found',
      `${what} is missing: ${source.location(name)}. Check the address of the model's folder and what it holds.`,
    );
  }
  return file;
}

/** What `ModelSource.list` says, where all paths are known. */
export function namesIn(subfolder: string, paths: Iterable<string>): string[] {
  const names = [...paths]
    .filter((path) => path.startsWith(`${subfolder}/`))
    .map((path) => path.slice(subfolder.length + 1));
  return names.filter((name) => !name.includes('/')).sort();
}
