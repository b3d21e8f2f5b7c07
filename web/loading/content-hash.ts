import { isNode } from '../base/environment.js';
import { forbiddenWasm } from '../results/environment-errors.js';
import type { FileDigest } from '../sources/source.js';
import { hashElsewhere } from './hash-elsewhere.js';

/** A hash of bytes that come in pieces. */
export interface ContentHash {
  /** Takes the next bytes, which may be written over when it has ended. */
  add(bytes: Uint8Array): Promise<void> | void;
  /** Of all that came, in lower case; ends it. */
  hex(): Promise<string>;
  /** Lets go of one that is not wanted any more. */
  end?(): void;
}

/**
 * Begins the hash of a file; null where that cannot be had: in a page that did not come over https,
 * or where nothing is compiled.
 *
 * @param size Of the file, in bytes.
 */
export async function contentHash(
  algorithm: FileDigest['algorithm'],
  size: number,
): Promise<ContentHash | null> {
  if (algorithm === 'git-sha1') return gitHash(size);
  return nodeHash() ?? (await hashElsewhere(size)) ?? (await hashHere().catch(unlessForbidden));
}

/** Files that git keeps itself are small: what is hashed is held, as browsers hash nothing piece by piece. */
function gitHash(size: number): ContentHash | null {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return null;
  const head = new TextEncoder().encode(`blob ${size}\0`);
  const content = new Uint8Array(head.byteLength + size);
  content.set(head);
  let length = head.byteLength;
  return {
    add(bytes) {
      content.set(bytes, length);
      length += bytes.byteLength;
    },
    hex: async () => toHex(new Uint8Array(await subtle.digest('SHA-1', content))),
  };
}

/** Node's own, several times as fast as any in JavaScript. */
function nodeHash(): ContentHash | null {
  const crypto = isNode ? process.getBuiltinModule?.('node:crypto') : undefined; // since Node 20.16
  if (crypto === undefined) return null;
  const hash = crypto.createHash('sha256');
  return { add: (bytes) => void hash.update(bytes), hex: async () => hash.digest('hex') };
}

function unlessForbidden(cause: unknown): null {
  if (forbiddenWasm(cause) === null) throw cause;
  return null;
}

/** In this thread, in WebAssembly. */
export async function hashHere(): Promise<ContentHash> {
  const { createSHA256 } = await import('../vendor/sha256.js');
  const hash = await createSHA256();
  hash.init();
  return { add: (bytes) => hash.update(bytes), hex: async () => hash.digest('hex') };
}

/** Bytes in lower case. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
