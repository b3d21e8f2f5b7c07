import { contentKind } from '../formats/content-kind.js';
import { parseJsonFile } from '../formats/json.js';
import type { LoadProgress } from '../results/load-progress.js';
import { readBytes } from '../sources/read.js';
import {
  type FileIdentity,
  type ModelSource,
  openRequired,
  RefusedError,
  type SourceFile,
} from '../sources/source.js';
import type { ProgressReporter } from './progress.js';

/** How a small file is read. */
export interface JsonFileOptions {
  phase: LoadProgress['phase'];
  /** The most bytes that it may hold. */
  maxBytes: number;
}

/** The files of a package, with what is found out about them on the way. */
export class PackageFiles {
  readonly identity = new Map<string, FileIdentity>();
  readonly notices: string[] = [];
  /** In bytes, of the files that were opened, by their names; without those of which it is not known yet. */
  readonly sizes = new Map<string, number>();
  readonly #source: ModelSource;
  readonly #seekable = new Map<string, SourceFile>();
  readonly #progress: ProgressReporter;
  readonly #signal: AbortSignal;

  constructor(source: ModelSource, progress: ProgressReporter, signal: AbortSignal) {
    this.#source = source;
    this.#progress = progress;
    this.#signal = signal;
  }

  /** As of `ModelSource`. */
  get hasRandomAccess(): boolean {
    return this.#source.hasRandomAccess ?? false;
  }

  /** As `ModelSource.list`. */
  list(subfolder: string): Promise<string[]> {
    return this.#source.list(subfolder);
  }

  /** Null where there is no such file. @throws RefusedError where the source does not tell; as `ModelSource.open` else. */
  async open(name: string, phase: LoadProgress['phase']): Promise<SourceFile | null> {
    const file = await this.#source.open(name, this.#signal);
    return file === null ? null : this.#opened(file, phase);
  }

  /** @throws SottoError 'file-not-found', with the name of the file that names it; and as `open`. */
  async openRequired(name: string, phase: LoadProgress['phase'], namedBy?: string): Promise<SourceFile> {
    return this.#opened(await openRequired(this.#source, name, this.#signal, namedBy), phase);
  }

  /** The same file once more, without a request where it can be read from anywhere. @throws as `openRequired` */
  async openAgain(name: string, phase: LoadProgress['phase']): Promise<SourceFile> {
    const file = this.#seekable.get(name);
    return file === undefined ? this.openRequired(name, phase) : this.#progress.watch(file, phase);
  }

  /** @throws SottoError 'bad-file', and as `openRequired`. */
  async readRequiredJson(name: string, { phase, maxBytes }: JsonFileOptions): Promise<unknown> {
    const file = await this.openRequired(name, phase);
    const bytes = await readBytes(file, { maxBytes });
    this.sizes.set(name, bytes.byteLength);
    return parseJsonFile(bytes, name);
  }

  /** As `readOptionalText`. @throws SottoError 'bad-file' for what is no JSON. */
  async readOptionalJson(name: string, options: JsonFileOptions): Promise<unknown> {
    const bytes = await this.#readOptional(name, options);
    return bytes === undefined ? undefined : parseJsonFile(bytes, name);
  }

  /** Undefined where there is no such file: the source refuses it, it holds nothing, or it is a page. */
  async readOptionalText(name: string, options: JsonFileOptions): Promise<string | undefined> {
    const bytes = await this.#readOptional(name, options);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  /** Whether there is such a file; nothing of it is read. */
  async exists(name: string, phase: LoadProgress['phase']): Promise<boolean> {
    const file = await this.#openOptional(name, phase);
    if (file === null) return false;
    await file.close?.();
    return true;
  }

  /** The same, and its size is known then: it is read where its source does not tell. */
  async measure(name: string, phase: LoadProgress['phase']): Promise<boolean> {
    const file = await this.#openOptional(name, phase);
    if (file === null) return false;
    let size = 0;
    for await (const { byteLength } of file.stream()) {
      size += byteLength;
      if (file.size !== null) break;
    }
    this.sizes.set(name, file.size ?? size);
    return true;
  }

  async #openOptional(name: string, phase: LoadProgress['phase']): Promise<SourceFile | null> {
    try {
      return await this.open(name, phase);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.notices.push(`${name} counts as absent: ${error.message}`);
      return null;
    }
  }

  async #readOptional(name: string, { phase, maxBytes }: JsonFileOptions): Promise<Uint8Array | undefined> {
    const file = await this.#openOptional(name, phase);
    if (file === null) return undefined;
    const bytes = await readBytes(file, { maxBytes });
    this.sizes.set(name, bytes.byteLength);
    if (bytes.byteLength === 0 || contentKind(bytes)?.isPage) {
      this.notices.push(
        `${name} counts as absent: it holds ${bytes.byteLength === 0 ? 'nothing' : 'a page'}`,
      );
      return undefined;
    }
    return bytes;
  }

  /** See `ModelPackage.isUnchanged`. */
  async isUnchanged(identity: ReadonlyMap<string, FileIdentity>): Promise<boolean> {
    for (const [name, before] of identity) {
      const file = await this.#source.open(name, this.#signal);
      if (file === null) return false;
      await file.close?.();
      if (!isSame(before, file.identity)) return false;
    }
    return true;
  }

  /** How many bytes all files of weights have together, before they are opened. */
  expectWeights(bytes: number | null): void {
    this.#progress.expectWeights(bytes);
  }

  /** For messages: where a file was or would be looked for. */
  location(name: string): string {
    return this.#source.location(name);
  }

  #opened(file: SourceFile, phase: LoadProgress['phase']): SourceFile {
    if (file.identity !== null) this.identity.set(file.name, file.identity);
    if (file.seeks) this.#seekable.set(file.name, file);
    if (file.size !== null) this.sizes.set(file.name, file.size);
    return this.#progress.watch(file, phase);
  }
}

function isSame(before: FileIdentity, now: FileIdentity | null): boolean {
  return (
    now !== null &&
    now.etag === before.etag &&
    now.lastModified === before.lastModified &&
    now.size === before.size &&
    now.digest?.hex === before.digest?.hex
  );
}
