import type { Metadata } from '../base/metadata.js';
import { quoted } from '../base/quoted.js';
import type { FileTensor } from '../formats/file-tensor.js';
import { readGgufHeader } from '../formats/gguf.js';
import { SottoError } from '../results/errors.js';
import type { PackageFiles } from './package-files.js';

/** One file of a model: all of it, or what its name and its metadata say is one part of several. */
export interface GgufPart {
  name: string;
  metadata: Metadata;
  tensors: readonly FileTensor[];
}

/** `model-00001-of-00003.gguf` (llama.cpp's llama_split_path). */
const PART_NAME = /^(.*-)(\d{5})-of-(\d{5})(\.gguf)$/i;

const MOST_PARTS = 1024;

/**
 * Reads the headers of all parts of a model.
 *
 * @param name Of the file, or of any of its parts; the others stand beside it.
 * @throws SottoError 'file-not-found' for a missing part, 'bad-file' for parts of several models and what
 *   {@link readGgufHeader} throws.
 */
export async function openGgufParts(files: PackageFiles, name: string): Promise<GgufPart[]> {
  const [, beginning, , count, ending] = PART_NAME.exec(name) ?? [];
  if (count === undefined) {
    const part = await openPart(files, name);
    if (splitValue(part, 'split.count', 1) > 1) {
      throw bad(
        name,
        `it is part ${splitValue(part, 'split.no', 0) + 1} of ${splitValue(part, 'split.count', 1)}, and its ` +
          'name does not say so, so that the others cannot be found: they are called like model-00001-of-00003.gguf',
      );
    }
    return [part];
  }
  const nParts = Number(count);
  if (nParts === 0 || nParts > MOST_PARTS) throw bad(name, `its name says that it has ${nParts} parts`);
  const parts: GgufPart[] = [];
  for (let index = 0; index < nParts; index++) {
    const number = String(index + 1).padStart(5, '0');
    const part = await openPart(
      files,
      `${beginning}${number}-of-${count}${ending}`,
      nParts > 1 ? name : undefined,
    );
    checkPart(part, index, nParts);
    parts.push(part);
  }
  checkTogether(parts);
  return parts;
}

async function openPart(files: PackageFiles, name: string, namedBy?: string): Promise<GgufPart> {
  const header = await readGgufHeader(await files.openRequired(name, 'config', namedBy));
  return { name, ...header };
}

function splitValue({ name, metadata }: GgufPart, key: string, fallback: number): number {
  const value = metadata.get(key) ?? fallback;
  if (typeof value !== 'number') throw bad(name, `${key} is no number`);
  return value;
}

function checkPart(part: GgufPart, index: number, nParts: number): void {
  const [number, count] = [splitValue(part, 'split.no', 0), splitValue(part, 'split.count', 1)];
  if (number === index && count === nParts) return;
  throw bad(
    part.name,
    `its metadata say that it is part ${number + 1} of ${count}. Give it the name that it had, or take all parts anew`,
  );
}

function checkTogether(parts: readonly GgufPart[]): void {
  const fileOf = new Map<string, string>();
  const [first] = parts as [GgufPart];
  for (const part of parts) {
    for (const { name } of part.tensors) {
      const other = fileOf.get(name);
      if (other !== undefined) {
        throw bad(
          part.name,
          `tensor ${quoted(name)} stands in ${quoted(other)}, too: they are parts of several models`,
        );
      }
      fileOf.set(name, part.name);
    }
    const total = splitValue(part, 'split.tensors.count', -1);
    if (total !== splitValue(first, 'split.tensors.count', -1)) {
      throw bad(part.name, `it is a part of a model of ${total} tensors, and ${quoted(first.name)} is not`);
    }
  }
  const expected = splitValue(first, 'split.tensors.count', fileOf.size);
  if (expected !== fileOf.size) {
    throw bad(first.name, `all its parts have ${expected} tensors together, and these have ${fileOf.size}`);
  }
}

function bad(fileName: string, problem: string): SottoError {
  return new SottoError('bad-file', `${fileName}: ${problem}.`);
}
