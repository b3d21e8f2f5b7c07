import { bindMembers } from '../base/bind-members.js';
import { badOption, type Checks, checkOptions, oneOf, string } from '../options/option-checks.js';
import { BLOCK_BYTES, BLOCKS, contentPrefix, keptBytes, parseKey } from './blocks.js';
import {
  contentsOf,
  deleteManifest,
  type KeptFile,
  listManifests,
  MANIFESTS,
  type Manifest,
} from './manifest.js';
import { openStore, PROBES, type StoreSpec } from './open.js';
import { STORE_KINDS, type Store, type StoreKind, type StoreQuota } from './store.js';

/** Where models are kept. */
export interface ModelStoreOptions {
  /**
   * 'opfs' (the origin private file system), 'cache' (the Cache API), 'folder' (of the disk, in Node), or 'memory', which is that
   * of one thread and gone with it. Default: 'auto', the first of 'opfs' and 'cache' that works, in Node 'folder'.
   */
  kind?: 'auto' | StoreKind;
  /** The folder's path, in Node. Default: the environment's SOTTO_CACHE, else `.cache/sotto/models` in the user's folder. */
  folder?: string;
}

/** One file of a model that is kept. */
export interface StoredFile {
  readonly name: string;
  /** How many bytes of it are kept now. */
  readonly bytes: number;
  /** How many it has. */
  readonly totalBytes: number;
}

/** A model that is kept, whole or in part. */
export interface StoredModel {
  /** What it was loaded by: 'owner/name', 'owner/name@revision', or its address without what may be secret in it. */
  readonly name: string;
  /** The commit that its files are of; null where it has none. */
  readonly revision: string | null;
  /** How many bytes of its files are kept now; what two files share counts once. */
  readonly bytes: number;
  /** How many its files have. */
  readonly totalBytes: number;
  /** Whether all of them are: then it loads without a connection. */
  readonly isComplete: boolean;
  /** When it was loaded last. */
  readonly lastUsed: Date;
  readonly files: readonly StoredFile[];
}

/** Which of the models with a name. */
export interface DeleteModelOptions {
  /** The revision that it was loaded with, or the commit that it is of. Default: whatever it is. */
  revision?: string;
}

const storeChecks: Checks<ModelStoreOptions> = { kind: oneOf(['auto', ...STORE_KINDS]), folder: string };
const deleteChecks: Checks<DeleteModelOptions> = { revision: string };

/**
 * What is kept of models beyond the life of a page: for looking and for making room. Loading fills it; nothing is deleted
 * but by you, or by a browser that runs out of room. Works on the page, in workers and in Node; where nothing can be kept, it is
 * empty.
 *
 * ```ts
 * const store = new ModelStore();
 * for (const { name, bytes } of await store.list()) console.log(name, bytes);
 * await store.delete('owner/name');
 * ```
 */
export class ModelStore {
  readonly #spec: NonNullable<StoreSpec>;
  #opening: Promise<Store | null> | undefined;
  #kind: 'auto' | StoreKind | null;

  /** @throws SottoError 'unknown-option', 'bad-option' */
  constructor(options: ModelStoreOptions = {}) {
    bindMembers(this);
    const { kind = 'auto', folder } = checkOptions(options, storeChecks, 'ModelStore');
    if (folder !== undefined && kind !== 'auto' && kind !== 'folder') {
      throw badOption('folder', folder, `left out for a store of the kind '${kind}'`);
    }
    this.#kind = kind;
    this.#spec = { kind: folder === undefined ? kind : 'folder', ...(folder !== undefined && { folder }) };
  }

  get [Symbol.toStringTag](): string {
    return 'ModelStore';
  }

  /** Where models are kept: 'auto' until the first call has found out; null where nothing can be kept. */
  get kind(): 'auto' | StoreKind | null {
    return this.#kind;
  }

  /** Which store this is, as plain data. */
  get spec(): NonNullable<StoreSpec> {
    return { ...this.#spec };
  }

  /** All models of which something is known, the latest used first. @throws SottoError 'store' */
  async list(): Promise<StoredModel[]> {
    const store = await this.#open();
    if (store === null) return [];
    const [manifests, kept] = await Promise.all([listManifests(store), keptBlocks(store)]);
    return manifests.sort((a, b) => b.lastUsed - a.lastUsed).map((manifest) => storedModel(manifest, kept));
  }

  /**
   * How many bytes are kept in all, beginnings of files included that belong to no model yet, or none any more.
   *
   * @throws SottoError 'store'
   */
  async size(): Promise<number> {
    const store = await this.#open();
    if (store === null) return 0;
    const values = await Promise.all([MANIFESTS, BLOCKS].map((prefix) => store.list(prefix)));
    return values.flat().reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Deletes the models with a name, but for files that another model shares. One that is in memory stays there.
   *
   * @param name As `list` tells it.
   * @returns Whether there was one.
   * @throws SottoError 'store', 'unknown-option', 'bad-option'
   */
  async delete(name: string, options: DeleteModelOptions = {}): Promise<boolean> {
    const wanted = string(name, 'name');
    const { revision } = checkOptions(options, deleteChecks, 'delete');
    const store = await this.#open();
    if (store === null) return false;
    const manifests = await listManifests(store);
    const gone = manifests.filter((manifest) => isMeant(manifest, wanted, revision));
    const shared = contentsOf(manifests.filter((manifest) => !gone.includes(manifest)));
    // The manifests last: what is left of a deletion that was cut is still listed.
    for (const content of contentsOf(gone)) {
      if (!shared.has(content)) await store.delete(contentPrefix(content));
    }
    for (const { source } of gone) await deleteManifest(store, source);
    return gone.length > 0;
  }

  /** Deletes everything that is kept. @throws SottoError 'store' */
  async clear(): Promise<void> {
    const store = await this.#open();
    for (const prefix of [MANIFESTS, BLOCKS, PROBES]) await store?.delete(prefix);
  }

  /**
   * Asks the browser not to delete what is kept when it runs out of room; some ask the user. Only pages can ask, workers cannot.
   *
   * @returns Whether it is so now.
   */
  async persist(): Promise<boolean> {
    return (await (await this.#open())?.persist()) ?? false;
  }

  /** The bytes that the browser allows this origin, or that the disk has, and how many are in use by all; null where nobody tells. */
  async quota(): Promise<StoreQuota | null> {
    return (await (await this.#open())?.quota()) ?? null;
  }

  async #open(): Promise<Store | null> {
    this.#opening ??= openStore(this.#spec, { isForReading: true });
    try {
      const store = await this.#opening;
      this.#kind = store?.kind ?? null;
      return store;
    } catch (error) {
      this.#opening = undefined; // it may work the next time
      throw error;
    }
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
