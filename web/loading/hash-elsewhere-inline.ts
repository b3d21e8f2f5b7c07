import type { ContentHash } from './content-hash.js';

/** SHA-256 in a thread of its own, which takes a script of its own: there is none here. */
export async function hashElsewhere(): Promise<ContentHash | null> {
  return null;
}
