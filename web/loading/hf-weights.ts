import { CONVERT_BIN } from '../formats/content-kind.js';
import type { FileTensor, TensorStream } from '../formats/file-tensor.js';
import {
  NoFileError,
  openSafetensors,
  readSafetensors,
  type SafetensorsFile,
} from '../formats/safetensors.js';
import { parseShardIndex, type ShardIndex } from '../formats/shard-index.js';
import { SottoError } from '../results/errors.js';
import { RefusedError } from '../sources/source.js';
import type { PackageWeights } from './package.js';
import type { PackageFiles } from './package-files.js';

const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const MAX_INDEX_BYTES = 16 << 20;

/**
 * The weights of a folder: model.safetensors, or the shards that its index names.
 *
 * @throws SottoError 'file-not-found' where there is neither, 'bad-file', 'network'
 */
export async function openHfWeights(files: PackageFiles): Promise<PackageWeights> {
  const found = await findWeights(files);
  return isIndex(found) ? openShards(files, found) : weightsOf(found);
}

/**
 * The tensors of a folder, of which only the headers are read. The files' sizes are known then.
 *
 * @throws as `openHfWeights`
 */
export async function surveyHfWeights(files: PackageFiles): Promise<FileTensor[]> {
  const found = await findWeights(files);
  if (!isIndex(found)) return survey(files, WHOLE, found);
  const tensors: FileTensor[] = [];
  for (const name of found.files) {
    const shard = await openSafetensors(await files.openRequired(name, 'weights', INDEX));
    const inShard = await survey(files, name, shard);
    tensors.push(...inShard.filter((tensor) => found.fileOf.get(tensor.name) === name));
  }
  return tensors;
}

async function survey(
  files: PackageFiles,
  name: string,
  { tensors, close }: SafetensorsFile,
): Promise<FileTensor[]> {
  await close();
  if (!files.sizes.has(name)) files.sizes.set(name, tensors.at(-1)?.end ?? 0);
  return [...tensors];
}

function isIndex(found: SafetensorsFile | ShardIndex): found is ShardIndex {
  return 'fileOf' in found;
}

async function findWeights(files: PackageFiles): Promise<SafetensorsFile | ShardIndex> {
  let refusal: SottoError | null = null;
  /** What a server refuses, or answers with a page, may be absent: the other file decides. */
  const unlessRefused = (error: unknown): null => {
    if (!(error instanceof RefusedError || error instanceof NoFileError)) throw error;
    refusal ??= error;
    return null;
  };
  const whole = await openWhole(files).catch(unlessRefused);
  if (whole !== null) return whole;
  const index = await files.readOptionalJson(INDEX, { phase: 'weights', maxBytes: MAX_INDEX_BYTES });
  if (index !== undefined) return parseShardIndex(index, INDEX);
  throw refusal ?? (await noWeights(files));
}

async function openWhole(files: PackageFiles): Promise<SafetensorsFile | null> {
  const file = await files.open(WHOLE, 'weights');
  return file === null ? null : openSafetensors(file);
}

function weightsOf({ tensors, streams }: SafetensorsFile): PackageWeights {
  return {
    names: new Set(tensors.map(({ name }) => name)),
    totalBytes: tensors.reduce((sum, { begin, end }) => sum + end - begin, 0),
    tensors: streams,
  };
}

function openShards(files: PackageFiles, index: ShardIndex): PackageWeights {
  files.expectWeights(index.totalSize);
  return {
    names: new Set(index.fileOf.keys()),
    totalBytes: index.totalSize,
    tensors: readShards(files, index),
  };
}

/** Of a tensor that lies in several files the index names the one that counts. */
async function* readShards(files: PackageFiles, index: ShardIndex): AsyncGenerator<TensorStream> {
  for (const name of index.files) {
    for await (const stream of readSafetensors(await files.openRequired(name, 'weights', INDEX))) {
      if (index.fileOf.get(stream.tensor.name) === name) yield stream;
    }
  }
}

/** What stands in folders that have no weights which can be read, and what to do then. */
const OTHERS: Readonly<Record<string, string>> = {
  'pytorch_model.bin': `pytorch_model.bin is there, which is PyTorch's own format. ${CONVERT_BIN}`,
  'pytorch_model.bin.index.json': `pytorch_model.bin.index.json is there, PyTorch's own format. ${CONVERT_BIN}`,
  'adapter_model.safetensors':
    'adapter_model.safetensors is there, which changes another model. Merge them in Python:\n' +
    '  from peft import AutoPeftModelForCausalLM\n' +
    "  AutoPeftModelForCausalLM.from_pretrained('folder').merge_and_unload().save_pretrained('folder-merged')",
};

async function noWeights(files: PackageFiles): Promise<SottoError> {
  const problem = `the model has no weights in the safetensors format: ${files.location(WHOLE)}; ${files.location(INDEX)}.`;
  for (const [name, advice] of Object.entries(OTHERS)) {
    const file = await files.open(name, 'weights').catch(() => null); // the problem is another one
    if (file === null) continue;
    await file.close?.();
    return new SottoError('file-not-found', `${problem} ${advice}`);
  }
  return new SottoError(
    'file-not-found',
    `${problem} Check the address of the model's folder and what it holds.`,
  );
}
