import { shownAddress, withoutSecrets } from '../base/address.js';
import { SottoError } from '../results/errors.js';
import { CHUNK_BYTES, reason } from './chunks.js';
import { checkFileName } from './file-name.js';
import { httpError } from './http-error.js';
import type { FileIdentity, ModelSource, SourceFile } from './source.js';

/** Files below the address of a folder, fetched as they are read. The address' query is sent with every file. */
export class UrlSource implements ModelSource {
  readonly isRemote = true;
  readonly #folder: URL;
  readonly #whyAbsent = new Map<string, string>();

  /** @param folder An absolute URL; with or without the slash at the end. */
  constructor(folder: string) {
    this.#folder = new URL(folder);
    if (!this.#folder.pathname.endsWith('/')) this.#folder.pathname += '/';
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    checkFileName(name);
    const url = this.#urlOf(name);
    const response = await request(url, signal);
    const absent = whyAbsent(response);
    if (absent !== null) {
      this.#whyAbsent.set(name, absent);
      void response.body?.cancel().catch(() => {}); // a cut connection is no news any more
      return null;
    }
    if (!response.ok) {
      this.#whyAbsent.set(name, `HTTP ${response.status}`);
      const error = await httpError(url, response);
      signal?.throwIfAborted();
      throw error;
    }
    return new FetchedFile(name, url, response, signal);
  }

  location(name: string): string {
    const why = this.#whyAbsent.get(name);
    const address = shownAddress(this.#urlOf(name));
    return why === undefined ? address : `${address} (${why})`;
  }

  #urlOf(name: string): string {
    const url = new URL(this.#folder);
    url.pathname += name.split('/').map(encodeURIComponent).join('/');
    return url.href;
  }
}

class FetchedFile implements SourceFile {
  readonly name: string;
  readonly size: number | null;
  readonly seeks: boolean;
  readonly identity: FileIdentity;
  readonly #url: string;
  readonly #response: Response;
  readonly #signal: AbortSignal | undefined;

  constructor(name: string, url: string, response: Response, signal: AbortSignal | undefined) {
    this.name = name;
    this.size = bodySize(response);
    this.seeks = this.size !== null && response.headers.get('accept-ranges') === 'bytes';
    this.identity = identityOf(response, this.size);
    this.#url = url;
    this.#response = response;
    this.#signal = signal;
  }

  async *stream(begin = 0): AsyncGenerator<Uint8Array> {
    if (begin > 0 && begin === this.size) return;
    const { body } = begin === 0 ? this.#response : await this.#requestFrom(begin);
    const reader = body === null ? null : openBody(body);
    let arrived = begin;
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        const value = (await reader?.read()) ?? null;
        if (value === null) break;
        arrived += value.byteLength;
        yield value;
      }
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw this.#cut(arrived, cause);
    } finally {
      // Leaving early (the reader threw or was left) ends the transfer; after the end it does nothing.
      await reader?.cancel().catch(() => {});
    }
    if (this.size !== null && arrived < this.size) throw this.#cut(arrived);
  }

  /** @throws SottoError 'network' when what comes is not the rest of the same file. */
  async #requestFrom(begin: number): Promise<Response> {
    const response = await request(this.#url, this.#signal, { range: `bytes=${begin}-` });
    const hasChanged = identityOf(response, null).etag !== this.identity.etag;
    if (response.status === 206 && bodySize(response) === (this.size as number) - begin && !hasChanged)
      return response;
    if (!response.ok) throw await httpError(this.#url, response);
    await response.body?.cancel().catch(() => {});
    throw new SottoError(
      'network',
      `${shownAddress(this.#url)}: the server said that it sends parts of files, and did not send the part from byte ` +
        `${begin} of the same file; try again`,
    );
  }

  #cut(arrived: number, cause?: unknown): SottoError {
    const total = this.size === null ? 'an unknown number of' : this.size;
    const why = cause === undefined ? '' : ` (${withoutSecrets(reason(cause), this.#url)})`;
    return new SottoError(
      'network',
      `the connection was cut after ${arrived} of ${total} bytes of ${shownAddress(this.#url)}${why}; try again`,
      { cause },
    );
  }
}

/** Reads a body chunk by chunk; null is its end. A chunk is valid until the next one is asked for. */
interface BodyReader {
  read(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

function openBody(body: ReadableStream<Uint8Array>): BodyReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: 'byob' });
  } catch {
    // Not every runtime's bodies are streams of bytes.
    const plain = body.getReader();
    return { read: async () => (await plain.read()).value ?? null, cancel: () => plain.cancel() };
  }
  // All chunks go through this one buffer. The stream's own would be garbage, half a gigabyte of it for GPT-2, which a
  // browser collects late.
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (value !== undefined) buffer = value.buffer;
      return done ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}

async function request(
  url: string,
  signal: AbortSignal | undefined,
  headers: Record<string, string> = {},
): Promise<Response> {
  try {
    return await fetch(url, { headers, ...(signal && { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    const why = withoutSecrets(reason(cause), url);
    const isSafe = why === reason(cause); // else the cause would tell what the message does not
    throw new SottoError(
      'network',
      `${shownAddress(url)} cannot be fetched (${why}). Check the address and the ` +
        'connection, and that the server allows requests from this page (CORS).',
      isSafe ? { cause } : {},
    );
  }
}

/** Why a response means that there is no such file, or null when it does not mean that. */
function whyAbsent(response: Response): string | null {
  if ([204, 404, 410].includes(response.status)) return `HTTP ${response.status}`;
  const type = response.headers.get('content-type') ?? '';
  // Servers of single-page applications answer 200 with the page for any address.
  return response.ok && /^text\/html\b/i.test(type) ? 'the server answered with an HTML page' : null;
}

/** What the headers tell about a file, or about a part of it. */
function identityOf({ headers }: Response, size: number | null): FileIdentity {
  const etag = headers.get('etag');
  const lastModified = Date.parse(headers.get('last-modified') ?? '');
  return {
    ...(etag !== null && { etag }),
    ...(Number.isFinite(lastModified) && { lastModified }),
    size,
  };
}

/** The size of the decoded body, where the headers tell it. */
function bodySize(response: Response): number | null {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  const type = response.headers.get('content-type') ?? '';
  // Across origins the encoding is hidden, and what is text is what servers compress: its length says nothing.
  const mayBeEncoded = encoding !== 'identity' || (response.type === 'cors' && /json|text|xml/i.test(type));
  const length = response.headers.get('content-length');
  if (length === null || mayBeEncoded || !/^\d+$/.test(length)) return null;
  const size = Number(length);
  return Number.isSafeInteger(size) ? size : null;
}
