import { BLOCK_BYTES, BLOCKS, contentPrefix, keptBytes, parseKey } from './blocks.js';
import {
  contentsOf,
  deleteManifest,
  type KeptFile,
  listManifests,
  MANIFESTS,
  type Manifest,
} from './manifest.js';
import type { StoredModel } from './model-store.js';
import { openStore, PROBES, type StoreSpec } from './open.js';
import type { Store, StoreKind, StoreQuota } from './store.js';

/** What `ModelStore` does, fetched when it is asked for the first time. */
export class KeptModels {
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Null where nothing can be kept. @throws SottoError 'store' */
  static async open(spec: StoreSpec): Promise<KeptModels | null> {
    const store = await openStore(spec, { isForReading: true });
    return store === null ? null : new KeptModels(store);
  }

  get kind(): StoreKind {
    return this.#store.kind;
  }

  async list(): Promise<StoredModel[]> {
    const store = this.#store;
    const [manifests, kept] = await Promise.all([listManifests(store), keptBlocks(store)]);
    return manifests.sort((a, b) => b.lastUsed - a.lastUsed).map((manifest) => storedModel(manifest, kept));
  }

  async size(): Promise<number> {
    const values = await Promise.all([MANIFESTS, BLOCKS].map((prefix) => this.#store.list(prefix)));
    return values.flat().reduce((sum, { size }) => sum + size, 0);
  }

  async delete(name: string, revision: string | undefined): Promise<boolean> {
    const store = this.#store;
    const manifests = await listManifests(store);
    const gone = manifests.filter((manifest) => isMeant(manifest, name, revision));
    const shared = contentsOf(manifests.filter((manifest) => !gone.includes(manifest)));
    // The manifests last: what is left of a deletion that was cut is still listed.
    for (const content of contentsOf(gone)) {
      if (!shared.has(content)) await store.delete(contentPrefix(content));
    }
    for (const { source } of gone) await deleteManifest(store, source);
    return gone.length > 0;
  }

  async clear(): Promise<void> {
    for (const prefix of [MANIFESTS, BLOCKS, PROBES]) await this.#store.delete(prefix);
  }

  persist(): Promise<boolean> {
    return this.#store.persist();
  }

  quota(): Promise<StoreQuota | null> {
    return this.#store.quota();
  }
}

/** How many bytes there are of each block of each content. */
type KeptBlocks = ReadonlyMap<string, ReadonlyMap<number, number>>;

async function keptBlocks(store: Store): Promise<KeptBlocks> {
  const kept = new Map<string, Map<number, number>>();
  for (const { key, size } of await store.list(BLOCKS)) {
    const block = parseKey(key);
    if (block === null) continue;
    const blocks = kept.get(block.content) ?? new Map<number, number>();
    kept.set(block.content, blocks.set(block.index, keptBytes(size)));
  }
  return kept;
}

function storedModel(manifest: Manifest, kept: KeptBlocks): StoredModel {
  const { name, revision, files, lastUsed } = manifest;
  const stored = Object.entries(files).map(([fileName, file]) => ({
    name: fileName,
    bytes: bytesOf(file, kept),
    totalBytes: file.size,
  }));
  const contents = new Map(Object.values(files).map((file) => [file.content, file]));
  const sumOf = (count: (file: KeptFile) => number) =>
    [...contents.values()].reduce((sum, file) => sum + count(file), 0);
  return {
    name,
    revision,
    bytes: sumOf((file) => bytesOf(file, kept)),
    totalBytes: sumOf(({ size }) => size),
    isComplete:
      manifest.isPartial !== true &&
      stored.length > 0 &&
      stored.every(({ bytes, totalBytes }) => bytes === totalBytes),
    lastUsed: new Date(lastUsed),
    files: stored,
  };
}

function bytesOf({ content, size }: KeptFile, kept: KeptBlocks): number {
  let sum = 0;
  for (const [index, bytes] of kept.get(content) ?? []) {
    sum += Math.max(0, Math.min(bytes, BLOCK_BYTES, size - index * BLOCK_BYTES));
  }
  return sum;
}

function isMeant(manifest: Manifest, name: string, revision: string | undefined): boolean {
  if (manifest.name === name) return revision === undefined || manifest.revision === revision;
  return revision !== undefined && manifest.name === `${name}@${revision}`;
}
