import { shownAddress } from '../base/address.js';
import { deviceMemory } from '../base/device-memory.js';
import type { LoadParams } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import { HttpClient, UnreachableError } from '../sources/http.js';
import { GoneError } from '../sources/http-error.js';
import { HubSource } from '../sources/hub.js';
import { type HubListing, listHub } from '../sources/hub-listing.js';
import { isFolder, openFolder, openSource } from '../sources/open.js';
import type { ModelSource, SourceFile } from '../sources/source.js';
import type { HubSourceSpec, SourceSpec } from '../sources/spec.js';
import { UrlSource } from '../sources/url.js';
import { digestOf } from '../stores/ids.js';
import { openStore, type StoreSpec } from '../stores/open.js';
import { borrowFetch } from './borrowed-fetch.js';
import { BorrowedFiles } from './borrowed-files.js';
import { MOST_ENGINE_BYTES } from './check-memory.js';
import { KeptModel, LostBytesError } from './kept-model.js';
import { DamagedFileError, VerifiedFile } from './verified-file.js';

/** The files of a model, wherever they are, and what is done with them on the way. */
export class OpenedFiles {
  readonly source: ModelSource;
  /** The name of the GGUF file that is the model, or of its first part; undefined for config.json with safetensors. */
  readonly gguf: string | undefined;
  /** What the user should know of how they came. */
  readonly notices: string[];
  readonly #kept: Promise<KeptModel | null>; // opened while the first file is asked for
  readonly #verified: VerifiedFile[] = [];

  private constructor(
    source: ModelSource,
    gguf: string | undefined,
    kept: Promise<KeptModel | null> | null,
    notices: string[],
  ) {
    this.gguf = gguf;
    this.notices = notices;
    this.#kept = kept ?? Promise.resolve(null);
    this.#kept.catch(() => {}); // whoever needs it hears of it
    const isFetched = source instanceof UrlSource || source instanceof HubSource;
    this.source = isFetched ? this.#watched(source) : source;
  }

  /** @throws SottoError as the source's kind; what `signal` was aborted with */
  static async open(params: Pick<LoadParams, 'source' | 'files'>, signal: AbortSignal): Promise<OpenedFiles> {
    const { source: spec, files } = params;
    if (spec.kind === 'lent') return new OpenedFiles(new BorrowedFiles(spec), spec.gguf, null, []);
    const folder = await folderOf(spec);
    if (folder !== null) {
      const { source, gguf } = await openFolder(folder);
      return new OpenedFiles(source, gguf, null, []);
    }
    const http = new HttpClient(files.http, files.fetch === undefined ? undefined : borrowFetch(files.fetch));
    const notices: string[] = [];
    const isFetched = spec.kind === 'hub' || spec.kind === 'url' || spec.kind === 'urls';
    const opening = isFetched ? openKept(spec, files.store, notices) : null;
    if (spec.kind !== 'hub')
      return new OpenedFiles(await openSource(spec, http), spec.gguf, opening, notices);
    const kept = await opening;
    const listing = await hubListing(spec, { http, kept, signal, isUpdate: files.update === true });
    if (listing !== null) kept?.setListing(listing);
    const source = new HubSource(spec, listing, http);
    const memory = Math.min(MOST_ENGINE_BYTES, (await deviceMemory()) ?? MOST_ENGINE_BYTES);
    return new OpenedFiles(source, source.chooseGguf(memory), opening, notices);
  }

  /**
   * To be called when all is read that is needed: files whose hash is known are hashed to their ends.
   *
   * @throws DamagedFileError, or what the files throw
   */
  async finish(): Promise<void> {
    for (const file of this.#verified) {
      await file.finish();
      if (file.isSkipped)
        this.notices.push(
          `${file.name}: only parts of it were needed, so that its hash could not be checked`,
        );
    }
    await (await this.#kept)?.complete();
  }

  /** Of the files that were opened by now, how many bytes a store has. */
  async storedBytes(): Promise<number> {
    return (await (await this.#kept)?.storedBytes()) ?? 0;
  }

  /**
   * To be called when loading has failed.
   *
   * @returns Whether it may succeed at once: what was kept was damaged, and is forgotten.
   */
  async fail(error: unknown): Promise<boolean> {
    for (const file of this.#verified) await file.close();
    const kept = await this.#kept.catch(() => null);
    if (error instanceof DamagedFileError) await kept?.forget(error.fileName);
    if (error instanceof LostBytesError) kept?.doubtAll();
    const isForgotten = isOfContent(error) && ((await kept?.forgetUnverified()) ?? false);
    const isGone = error instanceof GoneError && kept?.isListingOld === true;
    if (isGone) kept?.forgetListing();
    await kept?.saved();
    return (
      isGone ||
      isForgotten ||
      error instanceof LostBytesError ||
      (error instanceof DamagedFileError && error.hasKeptBytes)
    );
  }

  #watched(source: ModelSource): ModelSource {
    return {
      open: (name, signal) => this.#open(source, name, signal),
      list: (subfolder) => source.list(subfolder),
      location: (name) => source.location(name),
    };
  }

  async #open(source: ModelSource, name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    let file: SourceFile | null;
    try {
      file = await source.open(name, signal);
    } catch (error) {
      const kept = await this.#kept;
      if (!(error instanceof UnreachableError) || kept === null || kept.isEmpty) throw error;
      if (kept.file(name) === undefined) return null; // it was not there either when the model was loaded
      const whole = await kept.keptWhole(name);
      if (whole === null) throw error;
      return whole;
    }
    if (file === null) return null;
    const model = await this.#kept;
    const kept = model === null ? file : await model.keep(file, source.location(name));
    const digest = file.identity?.digest;
    if (digest === undefined || kept.size === null) return kept;
    const sized = kept as SourceFile & { size: number };
    if (model?.file(name)?.isVerified) return sized;
    const verified = new VerifiedFile(sized, digest, () => model?.setVerified(name, true));
    this.#verified.push(verified);
    return verified;
  }
}

/** The folder of the disk that is meant; null for what is no folder. */
async function folderOf(spec: SourceSpec): Promise<string | null> {
  if (spec.kind === 'path') return spec.gguf === undefined ? spec.path : null;
  const path = spec.kind === 'hub' ? spec.path : undefined;
  return path !== undefined && (await isFolder(path)) ? path : null;
}

/** What bytes may be to blame for that were damaged on the way, and not hashed to the end yet. */
const CODES_OF_CONTENT: readonly unknown[] = [
  'bad-file',
  'bad-tensor',
  'missing-tensor',
  'bad-config',
  'unsupported-model',
  'unsupported-tokenizer',
];

function isOfContent(error: unknown): boolean {
  return error instanceof SottoError && CODES_OF_CONTENT.includes(error.code);
}

/** Null where nothing is kept. */
async function openKept(
  spec: Extract<SourceSpec, { kind: 'hub' | 'url' | 'urls' }>,
  wanted: StoreSpec,
  notices: string[],
): Promise<KeptModel | null> {
  const problems: string[] = [];
  const store = await openStore(wanted, { onProblem: (problem) => problems.push(problem) }).catch((error) => {
    if (wanted?.kind !== 'auto') throw error;
    problems.push(error instanceof Error ? error.message : String(error));
    return null;
  });
  if (store === null) {
    if (problems.length > 0) notices.push(`the model is not kept for the next time: ${problems.join('; ')}`);
    return null;
  }
  const { key, name } = await keptName(spec);
  return KeptModel.open(store, key, name, notices);
}

/** What a model is kept by, and what users see of it. Addresses may hold secrets, so that only their hash is written down. */
async function keptName(
  spec: Extract<SourceSpec, { kind: 'hub' | 'url' | 'urls' }>,
): Promise<{ key: string; name: string }> {
  if (spec.kind === 'hub') {
    const { endpoint, id, revision, subfolder } = spec;
    const name = `${id}${subfolder === '' ? '' : `/${subfolder.slice(0, -1)}`}${revision === 'main' ? '' : `@${revision}`}`;
    return { key: JSON.stringify(['hub', endpoint, id, revision, subfolder]), name };
  }
  const addresses = spec.kind === 'url' ? [spec.url] : Object.values(spec.urls);
  const key = JSON.stringify([spec.kind, await digestOf(JSON.stringify([addresses, spec.gguf ?? null]))]);
  // Bundlers write small files into their addresses, which then say nothing.
  const first = addresses.find((address) => !address.startsWith('data:')) ?? '';
  return { key, name: spec.kind === 'url' ? shownAddress(first) + (spec.gguf ?? '') : shownAddress(first) };
}

async function hubListing(
  spec: HubSourceSpec,
  given: { http: HttpClient; kept: KeptModel | null; signal: AbortSignal; isUpdate: boolean },
): Promise<HubListing | null> {
  const { http, kept, signal, isUpdate } = given;
  const known = kept?.listing ?? null;
  if (known !== null && !isUpdate) return known;
  try {
    const listing = await listHub(spec, http, signal);
    if (listing !== null || spec.quantization === null) return listing;
    throw new SottoError(
      'file-not-found',
      `${shownAddress(spec.endpoint)} does not list its files, so that none can be found by its type "${spec.quantization}": ` +
        `give the file's URL, ${shownAddress(spec.endpoint)}/${spec.id}/resolve/${spec.revision}/NAME.gguf`,
    );
  } catch (error) {
    // Without a connection what is kept has to do, also that of a server that lists nothing.
    const isKept = known !== null || (kept !== null && !kept.isEmpty && spec.quantization === null);
    if (error instanceof UnreachableError && isKept) return known;
    throw error;
  }
}
