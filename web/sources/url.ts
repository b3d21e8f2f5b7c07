import { shownAddress } from '../base/address.js';
import { messageOf } from '../results/thrown.js';
import { checkFileName } from './file-name.js';
import { HttpClient, isOfApp, UnreachableError } from './http.js';
import { httpError } from './http-error.js';
import { RemoteFile } from './remote-file.js';
import { bodySize, identityOf, whyAbsent } from './response-facts.js';
import { type ModelSource, namesIn, type SourceFile } from './source.js';

/** Gives the absolute address of a file, or null where it is known that there is none. */
export type AddressOf = (name: string) => string | null;

/** Files that are fetched as they are read. */
export class UrlSource implements ModelSource {
  readonly #addressOf: AddressOf;
  readonly #http: HttpClient;
  readonly #names: readonly string[];
  readonly #whyAbsent = new Map<string, string>();

  /**
   * @param addresses Those of the files, or an absolute URL of their folder, as {@link inFolder} takes it.
   * @param names Those of all files, where they are known.
   */
  constructor(addresses: AddressOf | string, http = new HttpClient(), names: readonly string[] = []) {
    this.#names = names;
    this.#addressOf = typeof addresses === 'string' ? inFolder(addresses) : addresses;
    this.#http = http;
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    checkFileName(name);
    const url = this.#addressOf(name);
    if (url === null) return null;
    const answer = await this.#http.request(url, { signal }).catch((error: unknown) => {
      if (!(error instanceof UnreachableError) || !isOfApp(url)) throw error;
      this.#whyAbsent.set(name, messageOf(error.cause));
      return null;
    });
    if (answer === null) return null;
    const { response } = answer;
    const absent = whyAbsent(response);
    if (absent !== null) {
      this.#whyAbsent.set(name, absent);
      void answer.body.cancel();
      return null;
    }
    if (!response.ok) {
      this.#whyAbsent.set(name, `HTTP ${response.status}`);
      const error = await httpError(url, answer, this.#http);
      signal?.throwIfAborted();
      throw error;
    }
    const size = bodySize(response);
    const seeks = size !== null && response.headers.get('accept-ranges') === 'bytes';
    const facts = { name, url, size, seeks, identity: identityOf(response, size) };
    return new RemoteFile(facts, this.#http, signal, answer);
  }

  async list(subfolder: string): Promise<string[]> {
    return namesIn(subfolder, this.#names);
  }

  location(name: string): string {
    const why = this.#whyAbsent.get(name);
    const url = this.#addressOf(name);
    const address = url === null ? `no ${name} among the given addresses` : shownAddress(url);
    return why === undefined ? address : `${address} (${why})`;
  }
}

/** The addresses below a folder, whose URL may lack the slash at the end. Its query goes with every file. */
export function inFolder(folder: string): AddressOf {
  return (name) => {
    const url = new URL(folder);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    url.pathname += name.split('/').map(encodeURIComponent).join('/');
    return url.href;
  };
}
