import { listed } from '../base/quoted.js';
import { blobFile, bytesFile } from './chunks.js';
import { checkFileName } from './file-name.js';
import { type ModelSource, namesIn, type SourceFile } from './source.js';

/** Files that are in memory already, by name; blobs are read piece by piece. */
export class MemorySource implements ModelSource {
  readonly #files: ReadonlyMap<string, Blob | Uint8Array>;

  constructor(files: Readonly<Record<string, Blob | Uint8Array>>) {
    this.#files = new Map(Object.entries(files));
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    signal?.throwIfAborted();
    checkFileName(name);
    const content = this.#files.get(name);
    if (content === undefined) return null;
    return content instanceof Uint8Array ? bytesFile(name, content, signal) : blobFile(name, content, signal);
  }

  async list(subfolder: string): Promise<string[]> {
    return namesIn(subfolder, this.#files.keys());
  }

  location(name: string): string {
    return `no ${name} among the given ${this.#files.size} files (${listed([...this.#files.keys()])})`;
  }
}
