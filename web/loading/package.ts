import type { ModelMapping } from '../architectures/model-mapping.js';
import type { FileTensor, TensorStream } from '../formats/file-tensor.js';
import type { FileIdentity } from '../sources/source.js';

/**
 * What a model is, whatever form its files have. Nothing but its configuration is read before more is asked for, so that what
 * cannot run is refused before anything large is fetched.
 */
export interface ModelPackage {
  /** What the engine is to compute, and where the tensors belong. */
  readonly mapping: ModelMapping;
  /** The values of config.json, where some of generation's may stand; empty in another form. */
  readonly config: unknown;
  /** Types and shapes of the tensors that the model needs; null where nothing tells them before the weights are opened. */
  readonly tensors: readonly FileTensor[] | null;
  /** Whether the files have random access while the model runs. */
  readonly hasRandomAccess: boolean;
  /** What the files say of the model that nothing computes with. */
  readonly facts: ModelFacts;
  /** What is told of each file that was opened so far, by its name; files of which nothing is known are left out. */
  readonly identity: ReadonlyMap<string, FileIdentity>;
  /** Whether the files of these names are still what they were; false where their source cannot tell. */
  isUnchanged(identity: ReadonlyMap<string, FileIdentity>): Promise<boolean>;
  /** What the user should know of the files: those that were refused and count as absent. */
  readonly notices: readonly string[];
  /** Reads what tells the sizes of things, and nothing else: instead of the two that follow. */
  survey(): Promise<PackageSurvey>;
  /** Reads the small files. To be called once. */
  readDescription(): Promise<ModelDescription>;
  /** Begins to read the weights; may be called again, which reads them anew. */
  openWeights(): Promise<PackageWeights>;
}

/** The sizes of a package. */
export interface PackageSurvey {
  /** All tensors, in the order of the files. */
  tensors: readonly FileTensor[];
  /** Bytes of all files that are read to load it. */
  nBytes: number;
}

/** What a model is called. Null is what its files do not say. */
export interface ModelFacts {
  name: string | null;
  license: string | null;
  /** The mixture of types that a GGUF file has, as `Q4_K_M`. */
  fileType: string | null;
}

/** What a package has beside config and weights. */
export interface ModelDescription {
  /** The content of generation_config.json; undefined where there is none. */
  generationConfig: unknown;
  /** What messages call it. */
  generationConfigName: string;
  /** Null where there is none: ids in, ids out. */
  tokenizer: TokenizerFiles | null;
  /** By name, the usual one as `default`. */
  chatTemplates: ReadonlyMap<string, string>;
}

/** A tokenizer as Hugging Face writes it. */
export interface TokenizerFiles {
  /** The content of tokenizer.json. */
  json: unknown;
  /** That of tokenizer_config.json; undefined where there is none. */
  config: unknown;
}

export interface PackageWeights {
  /** Of all tensors, before any of them comes. */
  readonly names: ReadonlySet<string>;
  /** Bytes of all tensors together, or null where that is not known beforehand. */
  readonly totalBytes: number | null;
  /** Each tensor once, in the order of the files. To be begun at once, and once: its end lets go of the files. */
  readonly tensors: AsyncIterable<PackageTensor>;
}

/** A tensor of a package's files. */
export interface PackageTensor extends TensorStream {
  /** What all its values, which are in NVFP4 then, are multiplied by. */
  factor?: number;
}
