import { isFileName } from '../base/file-name.js';
import { isObject, type JsonObject } from '../base/json.js';
import { digestOf, isContentId, isSha256 } from './ids.js';
import type { Store } from './store.js';

/** What is kept of one file of a model. */
export interface KeptFile {
  /** The name of its content, under which its blocks are. */
  readonly content: string;
  /** In bytes. */
  readonly size: number;
  /** In hex; null where nobody told it. */
  readonly sha256: string | null;
  /** Whether all its bytes were here once, and had the hash that the hub tells. */
  readonly isVerified?: boolean;
}

/** A file as its hub lists it. */
export interface KeptListing {
  readonly size: number;
  /** `sha256:…` or `git-sha1:…`, where it is known. */
  readonly digest?: string;
}

/** What a store knows of a model: its files, as they were when it was loaded last. */
export interface Manifest {
  /** What users see: 'owner/name', 'owner/name@revision', or an address without secrets. */
  readonly name: string;
  /** The commit that the files are of, where they have one. */
  readonly revision: string | null;
  /** Where it comes from, as one text: the key under which it is found. It must not hold secrets. */
  readonly source: string;
  readonly files: Readonly<Record<string, KeptFile>>;
  /** All files of the commit, needed or not; null where nobody lists them. */
  readonly listing?: Readonly<Record<string, KeptListing>> | null;
  /** In milliseconds since 1970. */
  readonly lastUsed: number;
  /** Whether no load has ended yet that needed these files: there may be others. */
  readonly isPartial?: boolean;
}

const FORMAT = 1;

/** Where a store has the manifests. */
export const MANIFESTS = 'models/';

/** More than any model's has. */
const MOST_BYTES = 2 ** 24;

/** The manifest of what comes from `source`; null where there is none that holds. @throws SottoError 'store' */
export async function readManifest(store: Store, source: string): Promise<Manifest | null> {
  const manifest = parseManifest(await store.read(await keyOf(source)));
  return manifest?.source === source ? manifest : null;
}

/** Keeps a manifest, in place of the one with its source. @throws SottoError 'store-full', 'store' */
export async function writeManifest(store: Store, manifest: Manifest): Promise<void> {
  const { name, revision, source, files, listing = null, lastUsed, isPartial = false } = manifest;
  const text = JSON.stringify({
    format: FORMAT,
    name,
    revision,
    source,
    files,
    listing,
    lastUsed,
    isPartial,
  });
  await store.write(await keyOf(source), new TextEncoder().encode(text));
}

/** Forgets a manifest; its blocks stay. @throws SottoError 'store' */
export async function deleteManifest(store: Store, source: string): Promise<void> {
  await store.delete(await keyOf(source));
}

/** All manifests that hold. @throws SottoError 'store' */
export async function listManifests(store: Store): Promise<Manifest[]> {
  const values = await store.list(MANIFESTS);
  const manifests = await Promise.all(
    values.map(async ({ key, size }) => {
      const manifest = size > MOST_BYTES ? null : parseManifest(await store.read(key));
      return manifest !== null && key === (await keyOf(manifest.source)) ? manifest : null;
    }),
  );
  return manifests.filter((manifest) => manifest !== null);
}

/** The names of all contents that these models have. */
export function contentsOf(manifests: readonly Manifest[]): Set<string> {
  return new Set(manifests.flatMap(({ files }) => Object.values(files).map(({ content }) => content)));
}

async function keyOf(source: string): Promise<string> {
  return MANIFESTS + (await digestOf(source));
}

/** Null for what is damaged, or of another version. */
function parseManifest(bytes: Uint8Array | null): Manifest | null {
  if (bytes === null || bytes.byteLength > MOST_BYTES) return null;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null; // cut, or of somebody else
  }
  return isObject(json) ? checkedManifest(json) : null;
}

function checkedManifest(json: JsonObject): Manifest | null {
  const { format, name, revision, source, files, listing = null, lastUsed, isPartial = false } = json;
  if (typeof isPartial !== 'boolean') return null;
  if (format !== FORMAT || typeof name !== 'string' || name === '' || typeof source !== 'string') return null;
  if (!(revision === null || typeof revision === 'string') || !isCount(lastUsed) || !isObject(files))
    return null;
  const checked: [string, KeptFile][] = [];
  for (const [fileName, file] of Object.entries(files)) {
    if (!isFileName(fileName) || !isObject(file)) return null;
    const { content, size, sha256, isVerified = false } = file;
    if (typeof isVerified !== 'boolean') return null;
    if (!isContentId(content) || !isCount(size) || !(sha256 === null || isSha256(sha256))) return null;
    checked.push([fileName, { content, size, sha256, ...(isVerified && { isVerified }) }]);
  }
  const listed = listing === null ? null : checkedListing(listing);
  if (listed === undefined) return null;
  const whole = {
    name,
    revision,
    source,
    files: Object.fromEntries(checked),
    lastUsed,
    ...(isPartial && { isPartial }),
  };
  return listed === null ? whole : { ...whole, listing: listed };
}

function checkedListing(listing: unknown): Record<string, KeptListing> | undefined {
  if (!isObject(listing)) return undefined;
  const checked: [string, KeptListing][] = [];
  for (const [path, file] of Object.entries(listing)) {
    if (!isObject(file) || !isCount(file.size)) return undefined;
    const { size, digest } = file;
    const isDigest =
      typeof digest === 'string' && /^(?:sha256:[0-9a-f]{64}|git-sha1:[0-9a-f]{40})$/.test(digest);
    if (digest !== undefined && !isDigest) return undefined;
    checked.push([path, { size, ...(isDigest && { digest }) }]);
  }
  return Object.fromEntries(checked);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
