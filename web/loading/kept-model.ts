import { SottoError } from '../results/errors.js';
import type { HubListing, ListedFile } from '../sources/hub-listing.js';
import type { FileDigest, SourceFile } from '../sources/source.js';
import { BlockFile, contentPrefix } from '../stores/blocks.js';
import { contentId } from '../stores/ids.js';
import {
  contentsOf,
  type KeptFile as KeptEntry,
  listManifests,
  type Manifest,
  readManifest,
  writeManifest,
} from '../stores/manifest.js';
import type { Store } from '../stores/store.js';
import { KeptFile } from './kept-file.js';

/** A part of what was kept, and had been checked as a whole, is lost or damaged: loading anew gets it. */
export class LostBytesError extends SottoError {
  readonly fileName: string;

  constructor(name: string) {
    super('store', `${name}: a part of what was kept of it is lost; load it again`);
    this.fileName = name;
  }
}

/** What a store has of one model, and gets of it while it is loaded. What the store cannot do does not end the loading. */
export class KeptModel {
  readonly #store: Store;
  readonly #notices: string[];
  #manifest: Manifest;
  #saving: Promise<void> = Promise.resolve();
  #isBroken = false;
  /** As it was before this loading. */
  readonly #before: Manifest;
  readonly #opened: KeptFile[] = [];
  /** Whether the hub was not asked this time which files there are. */
  isListingOld = true;

  private constructor(store: Store, manifest: Manifest, notices: string[]) {
    this.#store = store;
    this.#manifest = manifest;
    this.#notices = notices;
    this.#before = manifest;
  }

  /**
   * @param source Where the model comes from, as one text without secrets.
   * @param name What users see.
   * @param notices Gets what the user should know.
   */
  static async open(store: Store, source: string, name: string, notices: string[]): Promise<KeptModel> {
    const nothing: Manifest = {
      name,
      revision: null,
      source,
      files: {},
      lastUsed: Date.now(),
      isPartial: true,
    };
    try {
      const manifest = await readManifest(store, source);
      return new KeptModel(
        store,
        manifest === null ? nothing : { ...manifest, lastUsed: Date.now() },
        notices,
      );
    } catch (error) {
      const kept = new KeptModel(store, nothing, notices);
      kept.#fail(error);
      return kept;
    }
  }

  /** The files of the commit that is kept; null where none is. */
  get listing(): HubListing | null {
    const { revision, listing } = this.#manifest;
    if (revision === null || !listing) return null;
    const files = Object.entries(listing).map(([path, { size, digest }]) => {
      const listed: ListedFile = { size, ...(digest !== undefined && { digest: parseDigest(digest) }) };
      return [path, listed] as const;
    });
    return { commit: revision, files: new Map(files) };
  }

  /** What is known of a file; undefined for one that was never opened. */
  file(name: string): KeptEntry | undefined {
    return Object.hasOwn(this.#manifest.files, name) ? this.#manifest.files[name] : undefined;
  }

  /** Whether the model was never loaded before: then nothing is known of what it does not have. */
  get isEmpty(): boolean {
    return this.#before.isPartial === true;
  }

  /** Another commit: its files are other ones, though their contents may be the same. */
  setListing({ commit, files }: HubListing): void {
    if (commit === this.#manifest.revision) return;
    this.isListingOld = false;
    const listing = Object.fromEntries(
      [...files].map(([path, { size, digest }]) => [
        path,
        { size, ...(digest && { digest: `${digest.algorithm}:${digest.hex}` }) },
      ]),
    );
    this.#manifest = { ...this.#manifest, revision: commit, listing, files: {}, isPartial: true };
  }

  /** The same file, of which what comes is kept; as it is where nothing tells it from another one. */
  async keep(file: SourceFile, url: string): Promise<SourceFile> {
    const { name, size, identity } = file;
    const id = size === null ? null : await contentOf(identity, url);
    if (id === null || size === null || this.#isBroken) return file;
    const known = this.file(name);
    const sha256 = identity?.digest?.algorithm === 'sha256' ? identity.digest.hex : null;
    const isVerified = known?.content === id && known.isVerified === true;
    this.#setFile(name, { content: id, size, sha256, isVerified });
    const sized = file as SourceFile & { size: number };
    // What was checked as a whole is not mended without being checked again.
    const origin = isVerified ? { name, size, seeks: true, identity, stream: () => lost(name) } : sized;
    const kept = new KeptFile(origin, this.#blocks(id, size), (error) => this.#fail(error));
    this.#opened.push(kept);
    return kept;
  }

  /** A file that is kept whole, without its server; null where it is not. */
  async keptWhole(name: string): Promise<SourceFile | null> {
    const entry = this.file(name);
    if (entry === undefined) return null;
    const { size, content } = entry;
    const blocks = this.#blocks(content, size);
    const lengths = await blocks.have().catch(() => new Map<number, number>());
    const bytes = [...lengths.values()].reduce((sum, length) => sum + length, 0);
    if (bytes < size) return null;
    const nowhere = { name, size, seeks: true, identity: { size }, stream: () => lost(name) };
    return new KeptFile(nowhere, blocks, (error) => this.#fail(error));
  }

  /** How many bytes of all its files are there. */
  async storedBytes(): Promise<number> {
    let bytes = 0;
    for (const { content, size } of Object.values(this.#manifest.files)) {
      const lengths = await this.#blocks(content, size)
        .have()
        .catch(() => new Map<number, number>());
      for (const length of lengths.values()) bytes += length;
    }
    return bytes;
  }

  /** All bytes of a file were here, and were the right ones. */
  setVerified(name: string, isVerified: boolean): void {
    const entry = this.file(name);
    if (entry !== undefined) this.#setFile(name, { ...entry, isVerified });
  }

  /** What is kept is lost in part: all of it is to be checked as a whole again, and fetched where it is not there. */
  doubtAll(): void {
    for (const name of Object.keys(this.#manifest.files)) this.setVerified(name, false);
  }

  /** Forgets which files there are; their bytes stay. */
  forgetListing(): void {
    this.#manifest = { ...this.#manifest, revision: null, listing: null, files: {} };
    this.#save();
  }

  /** Forgets the bytes of a file: they are not its own. */
  async forget(name: string): Promise<void> {
    const entry = this.file(name);
    if (entry === undefined) return;
    this.setVerified(name, false);
    await this.#blocks(entry.content, entry.size)
      .delete()
      .catch((error) => this.#fail(error));
    await this.saved();
  }

  /**
   * Forgets the bytes of all files that were opened and not checked as a whole.
   *
   * @returns Whether some of them had been kept before: what comes anew may be better.
   */
  async forgetUnverified(): Promise<boolean> {
    const doubtful = this.#opened.filter(({ name }) => this.file(name)?.isVerified !== true);
    for (const { name } of doubtful) await this.forget(name);
    return doubtful.some(({ fromStore }) => fromStore > 0);
  }

  /** The model is loaded: it has no other files, and contents that it has no longer are of no use, if no other model has them. */
  async complete(): Promise<void> {
    const { isPartial: _, ...whole } = this.#manifest;
    this.#manifest = whole;
    await this.saved();
    const present = contentsOf([whole]);
    const replaced = [...contentsOf([this.#before])].filter((content) => !present.has(content));
    if (replaced.length === 0 || this.#isBroken) return;
    try {
      const shared = contentsOf(await listManifests(this.#store));
      for (const content of replaced) {
        if (!shared.has(content)) await this.#store.delete(contentPrefix(content));
      }
    } catch {
      // They stay until somebody makes room.
    }
  }

  /** Waits until what is known is written down. */
  async saved(): Promise<void> {
    this.#save();
    await this.#saving;
  }

  #blocks(content: string, size: number): BlockFile {
    return new BlockFile(this.#store, content, size);
  }

  #setFile(name: string, entry: KeptEntry): void {
    this.#manifest = { ...this.#manifest, files: { ...this.#manifest.files, [name]: entry } };
    this.#save();
  }

  #save(): void {
    const manifest = this.#manifest;
    this.#saving = this.#saving
      .then(() => (this.#isBroken ? undefined : writeManifest(this.#store, manifest)))
      .catch((error) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (!this.#isBroken) {
      const why = error instanceof Error ? error.message : String(error);
      this.#notices.push(`the model is not kept for the next time: ${why}`);
    }
    this.#isBroken = true;
  }
}

// biome-ignore lint/correctness/useYield: there is nothing to give
async function* lost(name: string): AsyncGenerator<Uint8Array> {
  throw new LostBytesError(name);
}

/** What tells a content from all others; null where nothing does. */
async function contentOf(identity: SourceFile['identity'], url: string): Promise<string | null> {
  const { digest, etag, lastModified, size } = identity ?? { size: null };
  if (digest !== undefined)
    return contentId(digest.algorithm === 'sha256' ? digest.hex : null, [digest.algorithm, digest.hex]);
  if (etag === undefined && lastModified === undefined) return null;
  return contentId(null, [url, etag ?? null, lastModified ?? null, size]);
}

function parseDigest(text: string): FileDigest {
  const [algorithm, hex] = text.split(':') as [FileDigest['algorithm'], string];
  return { algorithm, hex };
}
