import type { Engine } from '../engine/engine.js';
import type { LoadParams } from '../protocol/protocol.js';
import type { FileIdentity } from '../sources/source.js';
import type { LoadedWeights } from './load-weights.js';
import type { ModelPackage } from './package.js';

/** An engine with a model's weights. */
export interface EngineWithWeights {
  engine: Engine;
  weights: LoadedWeights;
}

interface Entry {
  loading: Promise<EngineWithWeights & { identity: ReadonlyMap<string, FileIdentity> }>;
  nUsers: number;
}

/** By where they come from and how they are kept. Of this thread: engines are no other thread's. */
const pool = new Map<string, Entry>();

/** A use of an engine with weights. */
export interface WeightUse extends EngineWithWeights {
  /** Ends the use; with the last one ends the engine. Idempotent. */
  release(): void;
}

/**
 * Loads weights, or shares those that were loaded from the same place with the same options, while the files there are the
 * same as far as their source can tell.
 *
 * @param load Called when they are not to be had already. Its error is thrown.
 */
export async function useWeights(
  params: LoadParams,
  opened: ModelPackage,
  load: () => Promise<EngineWithWeights>,
): Promise<WeightUse> {
  const key = keyOf(params);
  const known = key === null ? undefined : pool.get(key);
  const shared = known === undefined ? null : await share(key, known, opened);
  if (shared !== null) return shared;
  const loading = load().then((loaded) => ({ ...loaded, identity: opened.identity }));
  const entry = { loading, nUsers: 0 };
  if (key !== null && known === undefined) {
    pool.set(key, entry);
    loading.catch(() => forget(key, entry));
  }
  return use(key, entry, await loading);
}

function use(key: string | null, entry: Entry, { engine, weights }: EngineWithWeights): WeightUse {
  entry.nUsers++;
  let isReleased = false;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    entry.nUsers--;
    if (entry.nUsers > 0) return;
    forget(key, entry);
    engine.dispose();
  };
  return { engine, weights, release };
}

function forget(key: string | null, entry: Entry): void {
  if (key !== null && pool.get(key) === entry) pool.delete(key);
}

/** Null where it cannot be shared. */
async function share(key: string | null, entry: Entry, opened: ModelPackage): Promise<WeightUse | null> {
  const loaded = await entry.loading.catch(() => null); // whoever loads it hears of the error
  if (loaded === null) return null;
  const held = use(key, entry, loaded); // so that it does not end while this looks
  let isSame = false;
  try {
    isSame = isTelling(loaded.identity) && (await opened.isUnchanged(loaded.identity));
  } finally {
    if (!isSame || !loaded.engine.isUsable) held.release();
  }
  return isSame && loaded.engine.isUsable ? held : null;
}

function isTelling(identity: ReadonlyMap<string, FileIdentity>): boolean {
  const files = [...identity.values()];
  return files.length > 0 && files.every(({ etag, lastModified, digest }) => etag ?? lastModified ?? digest);
}

/** Null for what is nobody else's: files in the caller's memory, binaries of the caller's. */
function keyOf({ source, files, wasm, weights, threads, variant, memoryLimit }: LoadParams): string | null {
  const isOurs =
    wasm !== undefined || files.fetch !== undefined || source.kind === 'lent' || source.kind === 'files';
  return isOurs ? null : JSON.stringify([source, files.http, weights, threads, variant, memoryLimit]);
}
