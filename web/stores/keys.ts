const MOST_LETTERS = 255;

/**
 * Whether something is a key of a store: one or more parts of `[a-z0-9._-]`, joined by slashes; no part begins with a dot.
 * So it names the same on every system, and no file beside the store's.
 */
export function isKey(text: string): boolean {
  return text.length <= MOST_LETTERS && /^[a-z0-9_-][a-z0-9._-]*(?:\/[a-z0-9_-][a-z0-9._-]*)*$/.test(text);
}

/** @throws TypeError for what is no key: a mistake of ours. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw new TypeError(`${JSON.stringify(key)} is no key of a store`);
}

/** A key, or the beginning of keys, as the folder that it names (no slash at its end) and what is behind it. */
export function splitKey(key: string): { folder: string; name: string } {
  const slash = key.lastIndexOf('/');
  return { folder: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}

/** The key of a name in such a folder. */
export function joinKey(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
