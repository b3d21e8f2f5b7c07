import { shownAddress } from '../base/address.js';
import { checkFileName } from './file-name.js';
import type { HttpClient } from './http.js';
import { chooseHubFiles } from './hub-choice.js';
import { type HubAddress, type HubListing, listHub } from './hub-listing.js';
import { RemoteFile } from './remote-file.js';
import { type ModelSource, namesIn, type SourceFile } from './source.js';
import { UrlSource } from './url.js';

/** What of a hub is meant, as plain data. */
export interface HubSpec extends HubAddress {
  kind: 'hub';
  /** The type of a GGUF file's weights; null where none is asked for. */
  quantization: string | null;
  /** The folder in the repository: '' or a path that ends in '/'. */
  subfolder: string;
}

/** The files of a model on a hub, all of one commit, with what the hub says of them. */
export class HubSource implements ModelSource {
  readonly #spec: HubSpec;
  readonly #listing: HubListing | null;
  readonly #http: HttpClient;
  readonly #direct: UrlSource;

  /** @param listing Null where the server gives none: then each file is asked for, of the revision as it is at that time. */
  constructor(spec: HubSpec, listing: HubListing | null, http: HttpClient) {
    this.#spec = spec;
    this.#listing = listing;
    this.#http = http;
    this.#direct = new UrlSource((name) => this.#addressOf(name), http);
  }

  /** Asks the hub which files there are. @throws SottoError as {@link listHub} */
  static async create(spec: HubSpec, http: HttpClient, signal?: AbortSignal): Promise<HubSource> {
    return new HubSource(spec, await listHub(spec, http, signal), http);
  }

  /** Null where nothing says which one it is. */
  get commit(): string | null {
    return this.#listing?.commit ?? null;
  }

  /**
   * The name of the GGUF file that is the model; undefined where it is config.json with safetensors.
   *
   * @param memory What there is at most, in bytes.
   * @throws SottoError 'file-not-found' with what there is instead of the wanted one.
   */
  chooseGguf(memory: number): string | undefined {
    if (this.#listing === null) return undefined;
    const { subfolder, quantization, id } = this.#spec;
    const inFolder = [...this.#listing.files].filter(([path]) => path.startsWith(subfolder));
    const files = new Map(inFolder.map(([path, file]) => [path.slice(subfolder.length), file]));
    return chooseHubFiles(files, quantization, { id, memory }).gguf ?? undefined;
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    checkFileName(name);
    if (this.#listing === null) return this.#direct.open(name, signal);
    signal?.throwIfAborted();
    const listed = this.#listing.files.get(this.#spec.subfolder + name);
    if (listed === undefined) return null;
    const { size, digest } = listed;
    const identity = { size, ...(digest && { digest }) };
    const facts = { name, url: this.#addressOf(name), size, seeks: true, identity };
    return new RemoteFile(facts, this.#http, signal, null);
  }

  async list(subfolder: string): Promise<string[]> {
    return namesIn(this.#spec.subfolder + subfolder, this.#listing?.files.keys() ?? []);
  }

  location(name: string): string {
    if (this.#listing === null) return this.#direct.location(name);
    const { endpoint, id, subfolder } = this.#spec;
    return `no ${subfolder}${name} among the ${this.#listing.files.size} files of ${id} at ${shownAddress(endpoint)}`;
  }

  #addressOf(name: string): string {
    const { endpoint, id, revision, subfolder } = this.#spec;
    const path = (subfolder + name).split('/').map(encodeURIComponent).join('/');
    return `${endpoint}/${id}/resolve/${encodeURIComponent(this.commit ?? revision)}/${path}`;
  }
}
