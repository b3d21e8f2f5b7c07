import { shownAddress } from '../base/address.js';
import { SottoError } from '../results/errors.js';
import { reason } from './chunks.js';
import type { Answer, FetchedResponse, HttpClient } from './http.js';
import { httpError } from './http-error.js';
import type { Patience } from './patience.js';
import { bodySize, identityOf, isPage, partOf } from './response-facts.js';
import type { FileIdentity, SourceFile } from './source.js';

/** So many bytes more, and a transfer that was cut has gone on. */
const PROGRESS_BYTES = 1 << 16;

/** What is known of a file on a server before its bytes come. */
export interface RemoteFacts {
  name: string;
  url: string;
  size: number | null;
  seeks: boolean;
  identity: FileIdentity;
}

/**
 * A file on a server. A transfer that is cut goes on where it was, by a request for the rest; where the server sends no parts,
 * from the beginning, and what had come is dropped.
 */
export class RemoteFile implements SourceFile {
  readonly name: string;
  readonly size: number | null;
  readonly seeks: boolean;
  readonly identity: FileIdentity;
  readonly #url: string;
  readonly #http: HttpClient;
  readonly #signal: AbortSignal | undefined;
  #first: Answer | null;

  /** @param first The answer to a request for all of it, for the first stream. */
  constructor(facts: RemoteFacts, http: HttpClient, signal: AbortSignal | undefined, first: Answer | null) {
    this.name = facts.name;
    this.size = facts.size;
    this.seeks = facts.seeks;
    this.identity = facts.identity;
    this.#url = facts.url;
    this.#http = http;
    this.#signal = signal;
    this.#first = first;
  }

  async *stream(begin = 0): AsyncGenerator<Uint8Array> {
    const first = this.#first;
    this.#first = null;
    if (begin > 0) await first?.body.cancel();
    if (begin > 0 && begin === this.size) return;
    const patience = this.#http.patience();
    let answer = begin === 0 && first !== null ? first : await this.#requestFrom(begin, patience);
    for (let at = begin; ; ) {
      const before = at;
      let cause: unknown;
      try {
        for (;;) {
          const chunk = await answer.body.read();
          if (chunk === null) break;
          at += chunk.byteLength;
          if (this.size !== null && at > this.size) throw this.#tooLong();
          yield chunk;
          this.#signal?.throwIfAborted();
        }
        if (this.size === null || at === this.size) return;
      } catch (error) {
        this.#signal?.throwIfAborted();
        if (error instanceof SottoError) throw error;
        cause = error;
      } finally {
        await answer.body.cancel(); // also when the reader left
      }
      if (at - before >= PROGRESS_BYTES) patience.reset();
      if (!this.#canGoOn() || !(await patience.wait(null, this.#signal))) throw this.#cut(at, cause);
      answer = await this.#requestFrom(at, patience);
    }
  }

  async close(): Promise<void> {
    const first = this.#first;
    this.#first = null;
    await first?.body.cancel();
  }

  /** Whether the rest can be told from that of another file. */
  #canGoOn(): boolean {
    const { etag, lastModified, digest } = this.identity;
    return this.size !== null || (etag ?? lastModified ?? digest) !== undefined;
  }

  /** @throws SottoError 'network' where what comes is not the rest of the same file, after all tries. */
  async #requestFrom(begin: number, patience: Patience): Promise<Answer> {
    const headers = begin > 0 ? { range: `bytes=${begin}-` } : {};
    for (;;) {
      const answer = await this.#http.request(this.#url, { signal: this.#signal, headers, patience });
      const { response } = answer;
      if (this.#isRest(response, begin)) return answer;
      if (this.#isWhole(response) && (await skip(answer, begin))) return answer;
      if (!response.ok && response.status !== 416) throw await httpError(this.#url, answer, this.#http);
      await answer.body.cancel();
      if (!(await patience.wait(null, this.#signal))) throw this.#otherPart(begin);
    }
  }

  #isRest(response: FetchedResponse, begin: number): boolean {
    const part = partOf(response);
    const size = bodySize(response);
    return (
      response.status === 206 &&
      this.#isSame(response) &&
      (part === null
        ? this.size !== null && size === this.size - begin // the header is hidden across origins
        : part.begin === begin && (this.size === null || part.total === this.size))
    );
  }

  #isWhole(response: FetchedResponse): boolean {
    const size = bodySize(response);
    return (
      response.status === 200 &&
      !isPage(response) &&
      !this.#isMessage(response) &&
      this.#isSame(response) &&
      (size === null || this.size === null || size === this.size)
    );
  }

  /** What says nothing of its length may be an error that comes as if all were well. */
  #isMessage({ headers }: FetchedResponse): boolean {
    return !/\.json$/i.test(this.name) && /^application\/json\b/i.test(headers.get('content-type') ?? '');
  }

  /** Where the content's own hash is known, no mark of a server's is needed, and its caches give what marks they like. */
  #isSame(response: FetchedResponse): boolean {
    return this.identity.digest !== undefined || identityOf(response, null).etag === this.identity.etag;
  }

  #tooLong(): SottoError {
    const what = `${shownAddress(this.#url)}: more than the ${this.size} bytes came that the server had announced`;
    return new SottoError('network', `${what}; try again`);
  }

  #otherPart(begin: number): SottoError {
    const what =
      begin === 0 ? 'the file that it had announced' : `the part from byte ${begin} of the same file`;
    return new SottoError(
      'network',
      `${shownAddress(this.#url)}: the server did not send ${what}; try again`,
    );
  }

  #cut(arrived: number, cause?: unknown): SottoError {
    const total = this.size === null ? 'an unknown number of' : this.size;
    const why = cause === undefined ? '' : ` (${this.#http.shown(reason(cause), this.#url)})`;
    return new SottoError(
      'network',
      `the connection was cut after ${arrived} of ${total} bytes of ${shownAddress(this.#url)}${why}; try again`,
      { cause },
    );
  }
}

/** Reads and drops so many bytes; false where the body ends or is cut before. What is left of a chunk behind them comes next. */
async function skip(answer: Answer, length: number): Promise<boolean> {
  const { body } = answer;
  let left = length;
  try {
    while (left > 0) {
      const chunk = await body.read();
      if (chunk === null) return false;
      if (chunk.byteLength > left) {
        const rest = chunk.subarray(left);
        let isGiven = false;
        answer.body = {
          async read() {
            if (isGiven) return body.read();
            isGiven = true;
            return rest;
          },
          cancel: () => body.cancel(),
        };
      }
      left -= chunk.byteLength;
    }
    return true;
  } catch {
    return false;
  }
}
