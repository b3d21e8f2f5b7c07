import { importNode } from '../base/environment.js';
import type { RandomAccess } from '../base/random-access.js';
import { SottoError, type SottoErrorCode } from '../results/errors.js';
import { CHUNK_BYTES, reason } from './chunks.js';
import { checkFileName } from './file-name.js';
import type { FileIdentity, ModelSource, SourceFile } from './source.js';
import { fileForFolder } from './spec.js';

/** What is used of Node, imported where it is needed so that bundlers for browsers do not see it. */
interface NodeModules {
  fs: typeof import('node:fs/promises');
  resolve: typeof import('node:path').resolve;
}

/** Files in a folder of the disk, outside of browsers. Loaded by `openSource` when it is needed, never else. */
export class NodeFileSource implements ModelSource {
  readonly hasRandomAccess = true;
  readonly #node: NodeModules;
  readonly isFolderNamedLikeFile: boolean;
  readonly #folder: string;

  private constructor(node: NodeModules, folder: string, isFolderNamedLikeFile: boolean) {
    this.#node = node;
    this.#folder = folder;
    this.isFolderNamedLikeFile = isFolderNamedLikeFile;
  }

  /**
   * @param folder A path, relative to the working directory, or a `file:` URL.
   * @param file What is meant in it; where that is a folder, the source is it.
   * @throws SottoError 'bad-option' when the URL is no path of this machine, or the path that of a file.
   */
  static async create(folder: string, file?: string): Promise<NodeFileSource> {
    const [fs, { resolve }, { fileURLToPath }] = await Promise.all([
      importNode('node:fs/promises'),
      importNode('node:path'),
      importNode('node:url'),
    ]);
    const path = /^file:/i.test(folder) ? pathOf(folder, fileURLToPath) : folder;
    const inside = file === undefined ? null : await fs.stat(resolve(path, file)).catch(() => null);
    const isFolder = inside?.isDirectory() ?? false;
    const whole = isFolder ? resolve(path, file as string) : resolve(path);
    const source = new NodeFileSource({ fs, resolve }, whole, isFolder);
    const status = await fs.stat(resolve(path)).catch(() => null); // what is not there is told with the first file
    if (status?.isFile()) throw fileForFolder(path);
    return source;
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    signal?.throwIfAborted();
    checkFileName(name);
    const path = this.location(name);
    try {
      const status = await this.#node.fs.stat(path);
      if (!status.isFile()) return null;
      const identity = { lastModified: status.mtimeMs, size: status.size };
      return new DiskFile(this.#node, name, path, identity, signal);
    } catch (cause) {
      if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return null;
      throw unreadable(path, cause);
    }
  }

  async list(subfolder: string): Promise<string[]> {
    checkFileName(subfolder);
    const entries = await this.#node.fs.readdir(this.location(subfolder)).catch((): string[] => []);
    return entries.sort(); // cache folders hold links, so what is no file shows when it is opened
  }

  location(name: string): string {
    return this.#node.resolve(this.#folder, name);
  }
}

class DiskFile implements SourceFile {
  readonly name: string;
  readonly size: number;
  readonly seeks = true;
  readonly identity: FileIdentity;
  readonly #node: NodeModules;
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;

  constructor(
    node: NodeModules,
    name: string,
    path: string,
    identity: FileIdentity & { size: number },
    signal: AbortSignal | undefined,
  ) {
    this.#node = node;
    this.name = name;
    this.size = identity.size;
    this.identity = identity;
    this.#path = path;
    this.#signal = signal;
  }

  async *stream(begin = 0): AsyncGenerator<Uint8Array> {
    this.#signal?.throwIfAborted();
    const handle = await this.#node.fs.open(this.#path).catch((cause: unknown) => {
      throw unreadable(this.#path, cause);
    });
    try {
      // One buffer for all chunks: a file of gigabytes leaves no garbage behind.
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, this.size));
      for (let position = begin; position < this.size; ) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, position).catch((cause) => {
          throw unreadable(this.#path, cause);
        });
        this.#signal?.throwIfAborted();
        if (bytesRead === 0) throw this.#changed(position);
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  async openRandomAccess(): Promise<RandomAccess> {
    const { openSync, readSync, closeSync } = await importNode('node:fs');
    const atOnce = <T>(run: () => T, code?: SottoErrorCode): T => {
      try {
        return run();
      } catch (cause) {
        throw unreadable(this.#path, cause, code);
      }
    };
    let descriptor: number | null = atOnce(() => openSync(this.#path, 'r'));
    return {
      read: (begin, into) => {
        for (let filled = 0; filled < into.byteLength; ) {
          const at = { offset: filled, length: into.byteLength - filled, position: begin + filled };
          const nBytes = atOnce(() => readSync(descriptor ?? -1, into, at), 'bad-file');
          if (nBytes === 0) throw this.#changed(begin + filled);
          filled += nBytes;
        }
      },
      close: () => {
        if (descriptor !== null) closeSync(descriptor);
        descriptor = null;
      },
    };
  }

  #changed(nBytes: number): SottoError {
    return new SottoError(
      'bad-file',
      `${this.#path} held ${this.size} bytes and now holds ${nBytes}: it was changed while it was read`,
    );
  }
}

function pathOf(url: string, fileURLToPath: (url: string) => string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new SottoError('bad-option', `source: ${url} is no path of this machine: ${reason(cause)}`, {
      cause,
    });
  }
}

function unreadable(path: string, cause: unknown, code: SottoErrorCode = 'file-not-found'): SottoError {
  return new SottoError(code, `${path} cannot be read: ${reason(cause)}`, { cause });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
