import { mapModel } from '../architectures/architectures.js';
import type { ModelMapping } from '../architectures/model-mapping.js';
import type { FileIdentity, ModelSource } from '../sources/source.js';
import { readHfChatTemplates } from './chat-templates.js';
import { surveyHfFolder } from './hf-survey.js';
import { readHfTokenizer, TOKENIZER } from './hf-tokenizer.js';
import { openHfWeights } from './hf-weights.js';
import type { ModelDescription, ModelFacts, ModelPackage, PackageSurvey, PackageWeights } from './package.js';
import { PackageFiles } from './package-files.js';
import type { ProgressReporter } from './progress.js';

const CONFIG = { phase: 'config', maxBytes: 1 << 20 } as const;

/** A folder as Hugging Face's hub has it: config.json, tokenizer.json, model.safetensors or its shards. */
export class HfFolder implements ModelPackage {
  readonly config: unknown;
  readonly mapping: ModelMapping;
  readonly tensors = null;
  readonly facts: ModelFacts = { name: null, license: null, fileType: null };
  readonly #files: PackageFiles;

  private constructor(config: unknown, files: PackageFiles) {
    this.config = config;
    this.mapping = mapModel(config);
    this.#files = files;
  }

  /**
   * @throws SottoError 'file-not-found' or 'bad-file' for config.json, 'network'; as `mapModel`; what `signal` was aborted with.
   */
  static async open(source: ModelSource, progress: ProgressReporter, signal: AbortSignal): Promise<HfFolder> {
    const files = new PackageFiles(source, progress, signal);
    return new HfFolder(await files.readRequiredJson('config.json', CONFIG), files);
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

  survey(): Promise<PackageSurvey> {
    return surveyHfFolder(this.#files);
  }

  async readDescription(): Promise<ModelDescription> {
    const reading = this.#files.readOptionalJson('tokenizer_config.json', TOKENIZER);
    const readingTokenizer = readHfTokenizer(this.#files, reading, this.config);
    // Each of these waits for answers of its own: side by side they take as long as the slowest.
    const [generationConfig, tokenizer, chatTemplates] = await Promise.all([
      this.#files.readOptionalJson('generation_config.json', CONFIG),
      readingTokenizer,
      reading.then(async (config) => {
        const hasTokenizer = config !== undefined || (await readingTokenizer) !== null;
        return hasTokenizer ? readHfChatTemplates(this.#files, config) : new Map();
      }),
    ]);
    return {
      generationConfig,
      generationConfigName: 'generation_config.json',
      tokenizer,
      chatTemplates: tokenizer === null ? new Map() : chatTemplates,
    };
  }

  openWeights(): Promise<PackageWeights> {
    return openHfWeights(this.#files);
  }
}
