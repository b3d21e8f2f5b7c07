import { shownAddress, withoutSecrets } from '../base/address.js';
import { onAbort } from '../base/on-abort.js';
import { SottoError } from '../results/errors.js';
import { reason } from './chunks.js';
import { askedDelay, Patience } from './patience.js';

/** What is used of an answer. */
export type FetchedResponse = Pick<
  Response,
  'ok' | 'status' | 'statusText' | 'headers' | 'redirected' | 'type' | 'body'
>;

/** What is used of `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<FetchedResponse>;

/** Nobody answered. */
export class UnreachableError extends SottoError {
  constructor(message: string, options: { cause?: unknown }) {
    super('network', message, options);
  }
}

/** How files are asked for, as plain data. */
export interface HttpOptions {
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
  credentials?: RequestCredentials;
  /** Sent to `tokenOrigin`, and to no other. */
  token?: string;
  tokenOrigin?: string;
  /** How often a request, or a transfer that was cut, is tried again. Default: 5. */
  retries?: number;
  /** After so many ms without an answer, or without a byte, a connection counts as cut. Default: 30,000. */
  timeout?: number;
}

const DEFAULT_RETRIES = 5;
const DEFAULT_TIMEOUT_MS = 30_000;

/** What may pass by itself. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** A request of one's own. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  headers?: Readonly<Record<string, string>>;
  /** Of a transfer that goes on after cuts; else the request has its own. */
  patience?: Patience;
}

/** An answer, whose body still comes. */
export interface Answer {
  response: FetchedResponse;
  body: BodyReader;
}

/** Reads a body chunk by chunk; null is its end. A chunk is valid until the next one is asked for. */
export interface BodyReader {
  /** @throws what the connection was cut with */
  read(): Promise<Uint8Array | null>;
  /** Lets go of it, read to the end or not. Never rejects. */
  cancel(): Promise<void>;
}

/** Whether a file belongs to an extension or an app: it comes over no connection, and one that is not there is no answer. */
export const isOfApp = (url: string): boolean => !/^https?:/i.test(url);

/** Makes the requests of one load: with its headers, and again where a failure may pass. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;
  #hasAnswered = false;
  #hasFailed = false;

  constructor(options: HttpOptions = {}, fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#options = options;
    this.#fetch = fetch;
    this.#timeoutMs = options.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  patience(): Patience {
    return new Patience(this.#options.retries ?? DEFAULT_RETRIES);
  }

  /**
   * The answer to a request, whatever its status, after all tries. Its body is to be read or cancelled.
   *
   * @throws UnreachableError where there is none; what `signal` was aborted with
   */
  async request(url: string, options: RequestOptions = {}): Promise<Answer> {
    const { signal, patience = this.patience() } = options;
    for (;;) {
      signal?.throwIfAborted();
      let asked: number | null = null;
      try {
        const answer = await this.#ask(url, options);
        this.#hasAnswered = true;
        if (!mayPass(answer.response)) return answer;
        asked = askedDelay(answer.response);
        if (!(await patience.wait(asked, signal))) return answer;
        await answer.body.cancel();
      } catch (cause) {
        signal?.throwIfAborted();
        if (cause instanceof SottoError) throw cause;
        // Of a server that never answered the address is wrong, most often: nobody waits long to hear that.
        const isHopeless = isOfApp(url) || (!this.#hasAnswered && this.#hasFailed);
        this.#hasFailed = true;
        if (isHopeless || !(await patience.wait(null, signal))) throw this.#unreachable(url, cause);
      }
    }
  }

  /** What a message may show of somebody else's text about an address. */
  shown(text: string, url: string): string {
    const secrets = [this.#options.token, ...Object.values(this.#options.headers ?? {})];
    return secrets
      .filter((secret) => secret !== undefined && secret.length > 3)
      .reduce<string>((shown, secret) => shown.replaceAll(secret as string, '…'), withoutSecrets(text, url));
  }

  async #ask(url: string, { signal, headers = {} }: RequestOptions): Promise<Answer> {
    const controller = new AbortController();
    const watch = new SilenceWatch(this.#timeoutMs, controller);
    const stopListening = onAbort(signal, () => controller.abort(signal?.reason));
    const end = () => {
      watch.stop();
      stopListening();
    };
    try {
      const { credentials } = this.#options;
      const init = { headers: this.#headersFor(url, headers), signal: controller.signal };
      const response = await watch.during(this.#fetch(url, { ...init, ...(credentials && { credentials }) }));
      return { response, body: watchedBody(response, watch, end) };
    } catch (error) {
      end();
      throw error;
    }
  }

  #headersFor(url: string, own: Readonly<Record<string, string>>): Record<string, string> {
    const { headers, token, tokenOrigin } = this.#options;
    const isForToken = token !== undefined && new URL(url).origin === tokenOrigin;
    return { ...headers, ...(isForToken && { authorization: `Bearer ${token}` }), ...own };
  }

  #unreachable(url: string, cause: unknown): UnreachableError {
    const why = this.shown(reason(cause), url);
    const isSafe = why === reason(cause); // else the cause would tell what the message does not
    return new UnreachableError(
      `${shownAddress(url)} cannot be fetched (${why}). Check the address and the ` +
        'connection, that the server allows requests from this page (CORS), and that the policy of the page does (connect-src).',
      isSafe ? { cause } : {},
    );
  }
}

/** A signature that has expired in a place where the server itself sent us counts, too: it signs anew when it is asked again. */
function mayPass(response: FetchedResponse): boolean {
  return PASSING.has(response.status) || (response.status === 403 && response.redirected);
}

/** Aborts a connection that says nothing for too long. */
class SilenceWatch {
  readonly #ms: number;
  readonly #controller: AbortController;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, controller: AbortController) {
    this.#ms = ms;
    this.#controller = controller;
  }

  /** Waits for something that is to come in time. */
  async during<T>(coming: Promise<T>): Promise<T> {
    const silence = new Error(`nothing came for ${this.#ms / 1000} s`);
    let fail = (_: Error) => {};
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    this.#timer = setTimeout(() => {
      this.#controller.abort(silence);
      fail(silence);
    }, this.#ms);
    try {
      return await Promise.race([coming, late]);
    } finally {
      this.stop();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function watchedBody(response: FetchedResponse, watch: SilenceWatch, end: () => void): BodyReader {
  const reader = response.body === null ? null : bodyReader(response.body);
  return {
    read: () => (reader === null ? Promise.resolve(null) : watch.during(reader.read())),
    async cancel() {
      end();
      await reader?.cancel().catch(() => {}); // a cut connection is no news any more
    },
  };
}

/** All chunks go through one buffer of this size. */
const BUFFER_BYTES = 1 << 20;

function bodyReader(body: ReadableStream<Uint8Array>): BodyReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: 'byob' });
  } catch {
    // Not every runtime's bodies are streams of bytes.
    const plain = body.getReader();
    return { read: async () => (await plain.read()).value ?? null, cancel: () => plain.cancel() };
  }
  // The stream's own buffers would be garbage, half a gigabyte of it for GPT-2, which a browser collects late.
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (value !== undefined) buffer = value.buffer;
      return done ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}
