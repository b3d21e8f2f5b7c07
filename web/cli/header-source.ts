import type { ModelSource, SourceFile } from '../sources/source.js';

/** A file that was looked at. */
export interface SeenFile {
  name: string;
  /** Null where that is not known beforehand. */
  size: number | null;
}

/**
 * A source of which the tensors of safetensors files are never read: behind its header such a file seems to end. GGUF files are
 * left as they are, since some tensors there are a part of the configuration, and the others are not asked for.
 */
export class HeaderSource implements ModelSource {
  readonly isFolderNamedLikeFile: boolean;
  /** The files that were opened, in that order. */
  readonly files: SeenFile[] = [];
  readonly #source: ModelSource;

  constructor(source: ModelSource) {
    this.#source = source;
    this.isFolderNamedLikeFile = source.isFolderNamedLikeFile === true;
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    const file = await this.#source.open(name, signal);
    if (file === null) return null;
    if (!this.files.some((seen) => seen.name === name)) this.files.push({ name, size: file.size });
    return name.endsWith('.safetensors') ? withoutTensors(file) : file;
  }

  list(subfolder: string): Promise<string[]> {
    return this.#source.list(subfolder);
  }

  location(name: string): string {
    return this.#source.location(name);
  }
}

function withoutTensors(file: SourceFile): SourceFile {
  const { name, size, identity } = file;
  const stream = (begin = 0) => (begin === 0 ? file.stream() : nothing());
  return { name, size, identity, seeks: true, stream, close: async () => file.close?.() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
