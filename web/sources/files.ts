import { listed, shortened } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import { blobFile, hasBlobAccess } from './chunks.js';
import { checkFileName } from './file-name.js';
import { type ModelSource, namesIn, type SourceFile } from './source.js';

/** A file that the user chose or dropped, with its path inside what was chosen (its bare name for single files). */
export interface ChosenFile {
  path: string;
  blob: Blob;
}

/**
 * Files that the user chose or dropped. The model's folder is where its main file that lies least deep is, config.json or a
 * GGUF file: a dropped folder may hold further variants of the model in subfolders, which must not be mixed with it.
 */
export class FilesSource implements ModelSource {
  readonly hasRandomAccess = hasBlobAccess;
  readonly #files: readonly ChosenFile[];
  readonly #folder: string; // '' or a path that ends in '/'

  /** @throws SottoError 'bad-option' when two models lie equally deep. */
  constructor(files: readonly ChosenFile[], main = 'config.json') {
    this.#files = files;
    const configs = files.map(({ path }) => path).filter((path) => `/${path}`.endsWith(`/${main}`));
    const leastDepth = configs.reduce(
      (least, path) => Math.min(least, depth(path)),
      Number.POSITIVE_INFINITY,
    );
    const [config, other] = configs.filter((path) => depth(path) === leastDepth);
    if (config !== undefined && other !== undefined) throw ambiguous(main, config, other);
    this.#folder = config?.slice(0, -main.length) ?? '';
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    signal?.throwIfAborted();
    checkFileName(name);
    const path = this.#folder + name;
    const [chosen, other] = this.#files.filter((file) => file.path === path);
    if (chosen === undefined) return null;
    if (other !== undefined) throw ambiguous(name, path, path);
    return blobFile(name, chosen.blob, signal);
  }

  async list(subfolder: string): Promise<string[]> {
    const paths = this.#files.map(({ path }) => path).filter((path) => path.startsWith(this.#folder));
    return namesIn(
      subfolder,
      paths.map((path) => path.slice(this.#folder.length)),
    );
  }

  location(name: string): string {
    const paths = this.#files.map(({ path }) => path);
    return `no ${shortened(this.#folder, 200)}${name} among the ${paths.length} given files (${listed(paths)})`;
  }
}

function depth(path: string): number {
  return path.split('/').length;
}

function ambiguous(name: string, path: string, other: string): SottoError {
  return new SottoError(
    'bad-option',
    `two of the given files could be ${name}: ${shortened(path, 200)} and ${shortened(other, 200)}. Give the files of one model.`,
  );
}
