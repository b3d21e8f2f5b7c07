import { bindMembers } from '../base/bind-members.js';
import { badOption, type Checks, checkOptions, oneOf, string } from '../options/option-checks.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import type { KeptModels } from './kept-models.js';
import type { StoreSpec } from './open.js';
import { STORE_KINDS, type StoreKind, type StoreQuota } from './store.js';

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
  #opening: Promise<KeptModels | null> | undefined;
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
    return (await (await this.#open())?.list()) ?? [];
  }

  /**
   * How many bytes are kept in all, beginnings of files included that belong to no model yet, or none any more.
   *
   * @throws SottoError 'store'
   */
  async size(): Promise<number> {
    return (await (await this.#open())?.size()) ?? 0;
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
    return (await (await this.#open())?.delete(wanted, revision)) ?? false;
  }

  /** Deletes everything that is kept. @throws SottoError 'store' */
  async clear(): Promise<void> {
    await (await this.#open())?.clear();
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

  async #open(): Promise<KeptModels | null> {
    this.#opening ??= importCode().then(({ KeptModels }) => KeptModels.open(this.#spec));
    try {
      const kept = await this.#opening;
      this.#kind = kept?.kind ?? null;
      return kept;
    } catch (error) {
      this.#opening = undefined; // it may work the next time
      throw error;
    }
  }
}

/** @throws SottoError 'network' where the code cannot be loaded */
async function importCode(): Promise<typeof import('./kept-models.js')> {
  try {
    return await import('./kept-models.js');
  } catch (cause) {
    const problem = `ModelStore: a part of the package could not be loaded (${messageOf(cause)}). Try again when there is a connection.`;
    throw new SottoError('network', problem, { cause });
  }
}
