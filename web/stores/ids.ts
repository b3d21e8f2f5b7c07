/**
 * What the content of a file is known by: its sha256 where that is known, else what tells it from other contents, such as its
 * URL, etag, date and size. It stands in no list of secrets: nobody gets back from it to the URL.
 *
 * @param sha256 In hex, or null.
 */
export async function contentId(
  sha256: string | null,
  identity: readonly (string | number | null)[],
): Promise<string> {
  if (sha256 !== null && isSha256(sha256)) return sha256;
  return `u-${await digestOf(JSON.stringify(identity))}`;
}

/** Whether something is a name that {@link contentId} makes. */
export function isContentId(text: unknown): text is string {
  return typeof text === 'string' && /^(?:[0-9a-f]{64}|u-[0-9a-f]{64})$/.test(text);
}

export function isSha256(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

/** A text's sha256, in hex: so that no address can be made that passes for another one. Only where `canHash`. */
export async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Pages that did not come over https have no `crypto.subtle`. */
export function canHash(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}
