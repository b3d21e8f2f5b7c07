import type { StoreQuota } from './store.js';

/** What the browser says of the room that this origin has, for all that is kept there. */
export async function browserQuota(): Promise<StoreQuota | null> {
  const { usage, quota } = (await storageManager()?.estimate?.()) ?? {};
  return usage === undefined || quota === undefined ? null : { usage, quota };
}

/** Asks the browser, which may ask the user, not to clear this origin by itself. Workers can only tell whether it is so. */
export async function browserPersist(): Promise<boolean> {
  const storage = storageManager();
  return (await (storage?.persist?.() ?? storage?.persisted?.())) ?? false;
}

/** Pages that did not come over https have none; some have only parts of it. */
export function storageManager(): Partial<StorageManager> | undefined {
  return globalThis.navigator?.storage as Partial<StorageManager> | undefined;
}
