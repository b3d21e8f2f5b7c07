import { SottoError } from '../results/errors.js';
import { isInstance, messageOf, readProperty } from '../results/thrown.js';
import type { Store, StoreQuota } from './store.js';

/** What browsers and systems call it that there is no more room; NS_ERROR_FILE_NO_DEVICE_SPACE is Firefox's. */
const FULL = ['QuotaExceededError', 'NS_ERROR_FILE_NO_DEVICE_SPACE', 'ENOSPC', 'EDQUOT'];

/** Whether an error has one of these names (a browser's) or codes (Node's). */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return [readProperty(error, 'name'), readProperty(error, 'code')].some((name) =>
    names.includes(String(name)),
  );
}

/** The error for a value that could not be written. */
export async function writeError(store: Store, nBytes: number, cause: unknown): Promise<SottoError> {
  if (!isNamed(cause, ...FULL)) return storeError(store, 'written', cause);
  const room = await store.quota().catch(() => null);
  const used = room === null ? '' : `; ${usedRoom(room, nBytes)} in use there, by all`;
  const problem = `there is no room for ${nBytes} more bytes in the store of models (${store.kind}${used})`;
  const advice =
    'delete models that are no longer needed (ModelStore), make room on the disk, or load with `store: false`';
  return new SottoError('store-full', `${problem}: ${advice}`, { cause });
}

/** The error for something that a store cannot do. @param what Such as 'read'. */
export function storeError({ kind }: { kind: string }, what: string, cause: unknown): SottoError {
  if (isInstance(cause, SottoError)) return cause;
  const problem = `the store of models (${kind}) cannot be ${what}: ${messageOf(cause)}`;
  return new SottoError('store', `${problem}; \`store: false\` loads without it`, { cause });
}

/** Without the limit where it does not explain that there is no room: some browsers tell the same one to everybody. */
function usedRoom({ usage, quota }: StoreQuota, nBytes: number): string {
  return usage + nBytes > quota ? `${usage} of ${quota} bytes` : `${usage} bytes`;
}
