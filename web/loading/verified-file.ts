import { SottoError } from '../results/errors.js';
import type { FileDigest, SourceFile } from '../sources/source.js';
import { type ContentHash, contentHash } from './content-hash.js';

/** What is passed over is read and hashed all the same, up to so many bytes: without them the hash tells nothing. */
const MOST_GAP_BYTES = 8 << 20;

/** A file whose bytes are not what their hash says. */
export class DamagedFileError extends SottoError {
  /** Whether bytes of a store were among them, so that fetching them anew may help. */
  readonly hasKeptBytes: boolean;
  readonly fileName: string;

  constructor(name: string, digest: FileDigest, hasKeptBytes: boolean) {
    super(
      'bad-file',
      `${name}: its bytes do not have the ${digest.algorithm === 'sha256' ? 'SHA-256' : 'SHA-1 of git'} that its hub tells ` +
        `(${digest.hex.slice(0, 12)}…): it was damaged on the way, or is another file. Nothing of it was kept; load it again.`,
    );
    this.hasKeptBytes = hasKeptBytes;
    this.fileName = name;
  }
}

/**
 * A file whose hash is known. Its bytes are hashed as they pass, in order and each once, however it is read, and nobody gets the
 * last ones of a damaged file.
 */
export class VerifiedFile implements SourceFile {
  readonly name: string;
  readonly size: number;
  readonly seeks: boolean;
  readonly identity: SourceFile['identity'];
  readonly #inner: SourceFile;
  readonly #digest: FileDigest;
  readonly #onVerified: () => void;
  #hash: ContentHash | null | undefined; // null when it has told, or cannot; undefined before it is begun
  #hashedTo = 0;

  /** @param onVerified Called once, when all bytes have passed and are the right ones. */
  constructor(inner: SourceFile & { size: number }, digest: FileDigest, onVerified: () => void) {
    this.name = inner.name;
    this.size = inner.size;
    this.seeks = inner.seeks;
    this.identity = inner.identity;
    this.#inner = inner;
    this.#digest = digest;
    this.#onVerified = onVerified;
  }

  get fromStore(): number {
    return this.#inner.fromStore ?? 0;
  }

  /** Whether so much was passed over that the hash cannot tell. */
  get isSkipped(): boolean {
    return this.#hash === null && this.#hashedTo > 0 && this.#hashedTo < this.size;
  }

  async *stream(begin = 0): AsyncGenerator<Uint8Array> {
    if (this.#hash === undefined) this.#hash = await contentHash(this.#digest.algorithm, this.size);
    if (this.#hash !== null && begin - this.#hashedTo > MOST_GAP_BYTES) this.#giveUp();
    let at = this.#hash === null ? begin : Math.min(begin, this.#hashedTo);
    if (this.size === 0) await this.#check();
    for await (const chunk of this.#inner.stream(at)) {
      await this.#add(chunk, at);
      const end = at + chunk.byteLength;
      if (end > begin) yield chunk.subarray(Math.max(0, begin - at));
      at = end;
    }
  }

  /** Reads what nobody has asked for, so that the hash tells. @throws DamagedFileError; what the file throws */
  async finish(): Promise<void> {
    if (!this.#hash || this.#hashedTo === 0) return;
    for await (const _ of this.stream(this.#hashedTo)); // hashed on its way
  }

  async close(): Promise<void> {
    this.#giveUp();
    await this.#inner.close?.();
  }

  #giveUp(): void {
    this.#hash?.end?.();
    this.#hash = null;
  }

  async #add(chunk: Uint8Array, at: number): Promise<void> {
    const fresh = at + chunk.byteLength - this.#hashedTo;
    if (!this.#hash || at > this.#hashedTo || fresh <= 0) return;
    await this.#hash.add(chunk.subarray(chunk.byteLength - fresh));
    this.#hashedTo += fresh;
    if (this.#hashedTo === this.size) await this.#check();
  }

  async #check(): Promise<void> {
    const hash = this.#hash;
    if (!hash) return;
    this.#hash = null;
    const hex = await hash.hex();
    if (hex !== this.#digest.hex) throw new DamagedFileError(this.name, this.#digest, this.fromStore > 0);
    this.#onVerified();
  }
}
