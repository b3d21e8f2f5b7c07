import { countParameters } from '../architectures/count-parameters.js';
import { type DecoderConfig, firstAttention } from '../architectures/decoder-config.js';
import { isObject } from '../base/json.js';
import { readGenerationConfig } from '../loading/generation-config.js';
import { OpenedFiles } from '../loading/open-files.js';
import { openPackage } from '../loading/open-package.js';
import type { ModelDescription, ModelFacts, ModelPackage } from '../loading/package.js';
import { ProgressReporter } from '../loading/progress.js';
import { type LoadOptions, resolveLoadOptions } from '../options/load-options.js';
import type { GenerationDefaults } from '../options/model-info.js';
import { lendModel, resolveLoadSource } from '../page/load-params.js';
import { readBytes } from '../sources/read.js';
import type { ModelSource } from '../sources/source.js';
import { HeaderSource, type SeenFile } from './header-source.js';

/** The tensors of one type. */
export interface TensorCount {
  type: string;
  count: number;
  bytes: number;
}

/** What a model's files say of it; of its weights only the headers are read. */
export interface FileFacts {
  facts: ModelFacts;
  architecture: string;
  config: DecoderConfig;
  nParameters: number;
  /** Heads of the first layer with attention. */
  heads: { nHeads: number; nKvHeads: number; headDim: number } | null;
  /** The kind of model that makes tokens of words, and how many there are; null without a tokenizer. */
  tokenizer: { kind: string; nTokens: number; nAdded: number } | null;
  chatTemplates: ReadonlyMap<string, string>;
  generationDefaults: GenerationDefaults;
  eosTokenIds: readonly number[];
  /** By type, the one that takes most first. */
  tensors: TensorCount[];
  /** How many of all tensors the model does not need. */
  nSkipped: number;
  files: readonly SeenFile[];
  notices: readonly string[];
}

/**
 * @param options Where the source is a model by name: which one, and where it may be kept.
 * @throws SottoError for what cannot be found or read, and for models that this version does not run
 */
export async function readFileFacts(input: string, options: LoadOptions): Promise<FileFacts> {
  const { params } = lendModel(resolveLoadSource(input, options), resolveLoadOptions(options));
  const { signal } = new AbortController();
  const found = await OpenedFiles.open(params, signal);
  const source = new HeaderSource(found.source);
  const opened = await openPackage(source, found.gguf, new ProgressReporter(() => {}), signal);
  const { config } = opened.mapping;
  const description = await opened.readDescription();
  const { tokenizer, chatTemplates, generationConfig, generationConfigName } = description;
  const limits = { vocabSize: config.vocabSize, hasTokenizer: tokenizer !== null };
  const generation = readGenerationConfig(generationConfig, opened.config, limits, generationConfigName);
  const counted = await countTensors(opened);
  const files = [...source.files];
  // Beside a GGUF file the card may be that of something else.
  const license = opened.facts.license ?? (found.gguf === undefined ? await licenseOfCard(source) : null);
  return {
    facts: { ...opened.facts, license },
    architecture: opened.mapping.architecture,
    config,
    nParameters: countParameters(config),
    heads: firstAttention(config),
    tokenizer: tokenizerFacts(description),
    chatTemplates,
    generationDefaults: generation.defaults,
    eosTokenIds: generation.eosTokenIds,
    ...counted,
    files,
    notices: [...found.notices, ...opened.notices],
  };
}

async function countTensors(opened: ModelPackage): Promise<Pick<FileFacts, 'tensors' | 'nSkipped'>> {
  const counts = new Map<string, TensorCount>();
  let nSkipped = 0;
  // Their chunks are left alone: so nothing of them is read.
  for await (const { tensor } of (await opened.openWeights()).tensors) {
    const count = counts.get(tensor.dtype) ?? { type: tensor.dtype, count: 0, bytes: 0 };
    count.count++;
    count.bytes += tensor.end - tensor.begin;
    counts.set(tensor.dtype, count);
    if (opened.mapping.tensor(tensor.name) === 'skip') nSkipped++;
  }
  return { tensors: [...counts.values()].sort((a, b) => b.bytes - a.bytes), nSkipped };
}

function tokenizerFacts({ tokenizer }: ModelDescription): FileFacts['tokenizer'] {
  if (tokenizer === null || !isObject(tokenizer.json)) return null;
  const { model, added_tokens: added } = tokenizer.json;
  const { type, vocab } = isObject(model) ? model : {};
  return {
    kind: typeof type === 'string' ? type : 'of an unnamed kind',
    nTokens: Array.isArray(vocab) ? vocab.length : isObject(vocab) ? Object.keys(vocab).length : 0,
    nAdded: Array.isArray(added) ? added.length : 0,
  };
}

const MOST_CARD_BYTES = 1 << 20;

/** The licence that the front matter of a folder's README.md names, which is where the hub keeps it. */
async function licenseOfCard(source: ModelSource): Promise<string | null> {
  try {
    const file = await source.open('README.md');
    if (file === null) return null;
    const text = new TextDecoder().decode(await readBytes(file, { maxBytes: MOST_CARD_BYTES }));
    const matter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
    return /^license:[ \t]*["']?([\w. +-]+?)["']?[ \t]*$/m.exec(matter)?.[1] ?? null;
  } catch {
    return null; // a card that cannot be read says nothing
  }
}
