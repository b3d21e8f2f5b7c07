import { mapGguf } from '../architectures/gguf.js';
import type { ModelMapping } from '../architectures/model-mapping.js';
import type { Metadata } from '../base/metadata.js';
import { quoted } from '../base/quoted.js';
import type { FileTensor, TensorStream } from '../formats/file-tensor.js';
import { readGgufTensors } from '../formats/gguf.js';
import { ggufFileType, readableGgufTypes, unreadableType } from '../formats/gguf-types.js';
import { SottoError } from '../results/errors.js';
import type { FileIdentity, ModelSource } from '../sources/source.js';
import { readGgufVocabulary } from '../text/gguf-vocabulary.js';
import { ggufChatTemplates } from './chat-templates.js';
import { weightBesideFactor, weightsWithFactor, withFactors } from './gguf-factors.js';
import { ggufGenerationConfig } from './gguf-generation.js';
import { type GgufPart, openGgufParts } from './gguf-parts.js';
import type { ModelDescription, ModelFacts, ModelPackage, PackageSurvey, PackageWeights } from './package.js';
import { PackageFiles } from './package-files.js';
import type { ProgressReporter } from './progress.js';

/** A GGUF file, or all parts of one that is split: llama.cpp's format, which has everything in it. */
export class GgufFile implements ModelPackage {
  readonly config: unknown = {}; // what of generation stands in config.json elsewhere is the metadata's
  readonly mapping: ModelMapping;
  readonly facts: ModelFacts;
  readonly #metadata: Metadata;
  readonly #parts: readonly GgufPart[];
  readonly #files: PackageFiles;
  readonly #scaled: ReadonlySet<string>; // names of weights that have a factor

  private constructor(
    mapping: ModelMapping,
    parts: readonly GgufPart[],
    files: PackageFiles,
    scaled: ReadonlySet<string>,
  ) {
    this.mapping = mapping;
    this.#metadata = (parts[0] as GgufPart).metadata;
    this.#parts = parts;
    this.#files = files;
    this.#scaled = scaled;
    this.facts = factsOf(this.#metadata);
  }

  /**
   * Reads the headers, and nothing else but the few tensors that are a part of the configuration.
   *
   * @param name Of the file, or of one of its parts.
   * @throws SottoError 'file-not-found', 'bad-file', 'bad-config', 'unsupported-model', 'network'; what `signal` was aborted
   *   with.
   */
  static async open(
    source: ModelSource,
    name: string,
    progress: ProgressReporter,
    signal: AbortSignal,
  ): Promise<GgufFile> {
    const files = new PackageFiles(source, progress, signal);
    const parts = await openGgufParts(files, name);
    const tensors = parts.flatMap((part) => part.tensors);
    const metadata = (parts[0] as GgufPart).metadata;
    const mapping = await mapGguf(metadata, tensors, (tensor) => readValues(files, parts, tensor));
    for (const part of parts) checkTypes(part, mapping);
    const isNeeded = (weight: string) => typeof mapping.tensor(weight) === 'object';
    const scaled = parts.flatMap((part) => [...weightsWithFactor(part, isNeeded)]);
    return new GgufFile(withoutFactors(mapping), parts, files, new Set(scaled));
  }

  get tensors(): readonly FileTensor[] {
    const isNeeded = ({ name }: FileTensor) => typeof this.mapping.tensor(name) === 'object';
    return this.#parts.flatMap((part) => part.tensors).filter(isNeeded);
  }

  get hasRandomAccess(): boolean {
    return this.#files.hasRandomAccess;
  }

  get identity(): ReadonlyMap<string, FileIdentity> {
    return this.#files.identity;
  }

  isUnchanged(identity: ReadonlyMap<string, FileIdentity>): Promise<boolean> {
    return this.#files.isUnchanged(identity);
  }

  get notices(): readonly string[] {
    return this.#files.notices;
  }

  async survey(): Promise<PackageSurvey> {
    const { sizes } = this.#files;
    const nBytes = this.#parts.map(({ name, tensors }) => sizes.get(name) ?? tensors.at(-1)?.end ?? 0);
    return {
      tensors: this.#parts.flatMap((part) => part.tensors),
      nBytes: nBytes.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  async readDescription(): Promise<ModelDescription> {
    return {
      generationConfig: ggufGenerationConfig(this.#metadata),
      generationConfigName: 'the GGUF metadata',
      tokenizer: readGgufVocabulary(this.#metadata),
      chatTemplates: ggufChatTemplates(this.#metadata),
    };
  }

  async openWeights(): Promise<PackageWeights> {
    const tensors = this.#parts.flatMap((part) => part.tensors);
    return {
      names: new Set(tensors.map(({ name }) => name)),
      totalBytes: tensors.reduce((sum, { begin, end }) => sum + end - begin, 0),
      tensors: withFactors(readParts(this.#files, this.#parts), this.#scaled),
    };
  }
}

async function* readParts(files: PackageFiles, parts: readonly GgufPart[]): AsyncGenerator<TensorStream> {
  for (const { name, tensors } of parts) {
    if (tensors.length === 0) continue;
    yield* readGgufTensors(await files.openAgain(name, 'weights'), tensors);
  }
}

/** The values of a small tensor in F32, which the mapping wants before everything else. */
async function readValues(
  files: PackageFiles,
  parts: readonly GgufPart[],
  name: string,
): Promise<Float32Array> {
  for (const part of parts) {
    const tensor = part.tensors.find((one) => one.name === name);
    if (tensor === undefined) continue;
    const values = new Uint8Array(tensor.end - tensor.begin);
    let length = 0;
    const streams = readGgufTensors(await files.openAgain(part.name, 'config'), [tensor]);
    for await (const { chunks } of streams) {
      for await (const chunk of chunks) {
        values.set(chunk, length);
        length += chunk.byteLength;
      }
    }
    return new Float32Array(values.buffer);
  }
  throw new SottoError('missing-tensor', `the file has no tensor ${quoted(name)}`);
}

/** Refuses what cannot be read before anything of it is fetched. */
function checkTypes({ name, tensors }: GgufPart, mapping: ModelMapping): void {
  for (const tensor of tensors) {
    if (!unreadableType(tensor.dtype) || typeof mapping.tensor(tensor.name) !== 'object') continue;
    throw new SottoError(
      'unsupported-model',
      `${name}: tensor ${quoted(tensor.name)} has the type ${tensor.dtype}; this version of sotto reads ` +
        `${readableGgufTypes()}. Take a file of the same model in one of them, such as Q4_K_M or Q8_0.`,
    );
  }
}

/** The mapping where factors of weights are no tensors of their own: they come with the weights. */
function withoutFactors(mapping: ModelMapping): ModelMapping {
  return {
    ...mapping,
    tensor(name) {
      const weight = weightBesideFactor(name);
      return weight !== null && typeof mapping.tensor(weight) === 'object' ? 'skip' : mapping.tensor(name);
    },
  };
}

function factsOf(metadata: Metadata): ModelFacts {
  const text = (key: string) => {
    const value = metadata.get(key);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    name: text('general.name') ?? text('general.basename'),
    license: text('general.license'),
    fileType: ggufFileType(metadata.get('general.file_type')),
  };
}
