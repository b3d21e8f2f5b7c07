import { isNode } from '../base/environment.js';
import { onePerThread } from '../base/one-per-thread.js';
import type { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import { CacheStore } from './cache.js';
import { FolderStore } from './folder.js';
import { canHash } from './ids.js';
import { MemoryStore } from './memory.js';
import { OpfsStore } from './opfs.js';
import type { Store, StoreKind } from './store.js';
import { isNamed, storeError } from './store-errors.js';

/** Which store is meant, as plain data that can be sent to a worker; null for none. */
export type StoreSpec = {
  /** 'auto': the first that works here of 'opfs' and 'cache', outside of browsers 'folder'. */
  kind: 'auto' | StoreKind;
  /** Of 'folder'. Default: what SOTTO_CACHE names, else `.cache/sotto/models` in the user's folder. */
  folder?: string;
} | null;

/** How a store is opened. */
export interface OpenStoreOptions {
  /** Whether nothing is to be written: in some browsers only workers can write to what the page can read. Default: false. */
  isForReading?: boolean;
  /** Told of each store that 'auto' passed over, and why. */
  onProblem?: (problem: string) => void;
}

/** Where 'auto' and the tests of a store leave a trace if they are ended. */
export const PROBES = 'probe/';

/** The memory of this thread, whoever opens it. */
const memory = onePerThread('memory-store', () => new MemoryStore());

/**
 * Opens a store, after a value was written to it and read.
 *
 * @returns Null where `spec` is, and for 'auto' where none works.
 * @throws SottoError 'store' for a kind that does not work here
 */
export async function openStore(spec: StoreSpec, options: OpenStoreOptions = {}): Promise<Store | null> {
  if (spec === null) return null;
  if (spec.kind !== 'auto') return openKind(spec.kind, spec.folder, options);
  for (const kind of isNode ? (['folder'] as const) : (['opfs', 'cache'] as const)) {
    try {
      return await openKind(kind, spec.folder, options);
    } catch (cause) {
      options.onProblem?.(messageOf(cause));
    }
  }
  return null;
}

async function openKind(
  kind: StoreKind,
  folder: string | undefined,
  { isForReading = false }: OpenStoreOptions,
): Promise<Store> {
  if (!canHash()) throw unusable(kind, 'this page did not come over https, or from this machine');
  if (kind === 'memory') return memory;
  if (kind === 'folder' && !isNode) throw unusable(kind, 'browsers have no folders');
  const store = await createStore(kind, folder);
  if (kind === 'opfs' && isForReading && !OpfsStore.isWritable) await store.list('models/');
  else await probe(store);
  return store;
}

function createStore(kind: Exclude<StoreKind, 'memory'>, folder: string | undefined): Promise<Store> {
  if (kind === 'opfs') return OpfsStore.create();
  return kind === 'cache' ? CacheStore.create() : FolderStore.create(folder);
}

/** Some browsers offer what then fails: in private windows, behind settings, on some systems. */
async function probe(store: Store): Promise<void> {
  const key = `${PROBES}${Math.random().toString(36).slice(2)}`;
  const written = Uint8Array.of(115, 111, 116, 116, 111);
  try {
    await store.write(key, written);
  } catch (cause) {
    if (isNamed(cause, 'store-full')) return; // what is there can be read
    throw cause;
  }
  const read = await store.read(key);
  await store.delete(key);
  if (String(read) !== String(written)) throw unusable(store.kind, 'it does not give back what was written');
}

function unusable(kind: StoreKind, why: string): SottoError {
  return storeError({ kind }, 'used', new Error(why));
}
