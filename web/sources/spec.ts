import { shownAddress } from '../base/address.js';
import { pageAddress } from '../base/environment.js';
import { isBytes, viewBytes } from '../options/given-bytes.js';
import { readGiven, shorten, show, tag } from '../options/option-checks.js';
import { readList } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';
import type { ChosenFile } from './files.js';
import { chooseGguf, GGUF_NAME, isGguf, NAMELESS_GGUF, splitGgufPath } from './gguf-choice.js';
import type { HubSpec } from './hub.js';

/** What a caller may give as the source of a model. */
export type SourceInput =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | Iterable<Blob>
  | ArrayLike<Blob>
  | Readonly<Record<string, ArrayBuffer | ArrayBufferView | Blob>>
  | Readonly<Record<string, string | URL>>;

/**
 * The same as plain data, which can be sent to a worker: a folder, and the name of the GGUF file in it that is meant, or of one
 * of its parts. URLs are absolute. `openSource` makes a source of it.
 */
export type SourceSpec = { gguf?: string } & (
  | HubSourceSpec
  | { kind: 'url'; url: string }
  | { kind: 'urls'; urls: Record<string, string> } // of the files, by their names
  | { kind: 'path'; path: string } // or a file: URL; outside of browsers only
  | { kind: 'files'; files: ChosenFile[] }
  | { kind: 'memory'; files: Record<string, Blob | Uint8Array> }
);

/** A model by its name; where there is a folder of that name on the disk, outside of browsers, it is meant. */
export interface HubSourceSpec extends HubSpec {
  path?: string;
}

/** Which model of a hub is meant, beside its name. */
export interface HubOptions {
  revision?: string;
  endpoint?: string;
  subfolder?: string;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';

/**
 * Checks the source of a model and turns it into plain data. It runs on the caller's side, because a relative
 * URL means something else in a worker and a file's path inside its folder is lost on the way there.
 *
 * A string like `owner/name` is a model of a hub. In a browser any other string is a URL, relative to the page. Elsewhere it is a
 * path, unless it begins with the scheme of a URL.
 *
 * @throws SottoError 'bad-option'
 */
export function resolveSource(input: unknown, hub: HubOptions = {}): SourceSpec {
  if (typeof input === 'string') return resolveString(input, hub);
  return readGiven('source', () => resolveObject(input));
}

function resolveObject(input: unknown): SourceSpec {
  if (tag(input) === 'URL') return resolveUrl(parseUrl(String(input), undefined));
  if (typeof input !== 'object' || input === null) {
    throw badSource(`got ${input === null ? 'null' : typeof input}`);
  }
  if (isBlob(input)) return resolveBlob(input);
  if (isBytes(input)) {
    const bytes = viewBytes(input, 'source');
    if (isGguf(bytes)) return { kind: 'memory', files: { [NAMELESS_GGUF]: bytes }, gguf: NAMELESS_GGUF };
    throw badSource(
      "got bytes without a name that are no GGUF file: pass { 'model.safetensors': bytes, ... }",
    );
  }
  if (Symbol.iterator in input || 'length' in input) {
    const files = listOf(input).map(chosenFile);
    if (files.length === 0) throw badSource('got an empty list of files');
    return withGguf(
      { kind: 'files', files },
      chooseGguf(
        files.map(({ path }) => path),
        badSource,
      ),
    );
  }
  const addresses = Object.values(input).filter((value) => typeof value === 'string' || tag(value) === 'URL');
  if (addresses.length > 0) return resolveAddresses(input, addresses.length);
  const files = Object.entries(input).map(([name, content]) => [name, memoryFile(name, content)] as const);
  if (files.length === 0) throw badSource('got an object without files');
  const names = files.map(([name]) => name);
  return withGguf({ kind: 'memory', files: Object.fromEntries(files) }, chooseGguf(names, badSource));
}

/** Each file has an address of its own, as where each is signed by itself. */
function resolveAddresses(input: object, nAddresses: number): SourceSpec {
  const entries = Object.entries(input) as [string, unknown][];
  if (nAddresses < entries.length) throw badSource('got addresses and contents together');
  const urls = entries.map(([name, address]) => {
    const text = String(address);
    if (/^\s*[{[]|\n/.test(text)) throw noContent(name); // content, which as an address would be strange
    const url = parseUrl(text, pageAddress() ?? undefined);
    checkFetchable(url);
    return [name, url.href] as const;
  });
  const names = urls.map(([name]) => name);
  const isOfDisk = urls.some(([, href]) => href.startsWith('file:'));
  if (pageAddress() === null && isOfDisk) return resolveFolderOf(urls);
  return withGguf({ kind: 'urls', urls: Object.fromEntries(urls) }, chooseGguf(names, badSource));
}

/** The folder of the disk that holds files under their own names, outside of browsers. */
function resolveFolderOf(urls: readonly (readonly [name: string, href: string])[]): SourceSpec {
  const folders = urls.map(([name, href]) => {
    const end = name.split('/').map(encodeURIComponent).join('/');
    return href.endsWith(`/${end}`) ? href.slice(0, -end.length) : null;
  });
  const [folder] = folders;
  if (folder == null || folders.some((other) => other !== folder)) {
    throw badSource('got addresses of files of the disk that do not lie in one folder under these names');
  }
  return withGguf(
    { kind: 'path', path: folder },
    chooseGguf(
      urls.map(([name]) => name),
      badSource,
    ),
  );
}

/** One file is a GGUF file by its name, or where it has none by what it turns out to hold. */
function resolveBlob(blob: Blob): SourceSpec {
  const { name } = blob as Partial<File>;
  if (name !== undefined && !GGUF_NAME.test(name)) {
    throw badSource(
      `got one file, ${show(name)}, which is no .gguf: put all files of the model into an array`,
    );
  }
  const gguf = name ?? NAMELESS_GGUF;
  return { kind: 'memory', files: { [gguf]: blob }, gguf };
}

function withGguf(spec: SourceSpec, gguf: string | undefined): SourceSpec {
  return gguf === undefined ? spec : { ...spec, gguf };
}

/** The longest address that is taken, in characters. */
const MOST_ADDRESS = 8192;

/** More files than any folder of a model has. */
const MOST_FILES = 1e6;

function listOf(input: object): unknown[] {
  if (!(Symbol.iterator in input)) return readList(input, 'source', 'a list of files', MOST_FILES);
  const list: unknown[] = [];
  for (const item of input as Iterable<unknown>) {
    if (list.push(item) > MOST_FILES) throw badSource(`got a list of more than ${MOST_FILES} files`);
  }
  return list;
}

/** `owner/name`, or with the type of a GGUF file's weights behind a colon. */
const HUB_ID = /^(\w[\w.-]{0,95}\/\w[\w.-]{0,95})(?::(\w[\w.-]{0,31}))?$/;

function resolveString(input: string, hub: HubOptions): SourceSpec {
  if (input.trim() === '') throw badSource('got an empty string');
  if (input.length > MOST_ADDRESS)
    throw badSource(`got a string of ${input.length} characters, which is no address`);
  const [, id, quantization] = HUB_ID.exec(input) ?? [];
  if (id !== undefined && !GGUF_NAME.test(input)) return resolveId(id, quantization, hub);
  const base = pageAddress();
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(input)?.[1]; // two letters or more: C:\ is a path
  if (base === null && scheme === undefined) return resolvePath(input);
  return resolveUrl(parseUrl(input, base ?? undefined));
}

function resolveId(id: string, quantization: string | undefined, hub: HubOptions): HubSourceSpec {
  const { endpoint = DEFAULT_ENDPOINT, revision = 'main', subfolder = '' } = hub;
  return {
    kind: 'hub',
    id,
    endpoint: endpoint.replace(/\/+$/, ''),
    revision,
    subfolder: subfolder === '' ? '' : `${subfolder.replace(/\/+$/, '')}/`,
    quantization: quantization ?? null,
    ...(quantization === undefined && pageAddress() === null && { path: id }),
  };
}

function resolvePath(path: string): SourceSpec {
  const file = splitGgufPath(path);
  return file === null ? { kind: 'path', path } : { kind: 'path', path: file.folder, gguf: file.name };
}

function parseUrl(input: string, base: string | undefined): URL {
  try {
    return new URL(input, base);
  } catch {
    throw badSource(`${show(shownAddress(input))} is not a valid URL`);
  }
}

function resolveUrl(url: URL): SourceSpec {
  const file = splitGgufPath(url.pathname);
  if (url.protocol === 'file:' && pageAddress() === null) {
    const folder = new URL(url);
    if (file !== null) folder.pathname = file.folder;
    return withGguf({ kind: 'path', path: folder.href }, file === null ? undefined : decoded(file.name));
  }
  if (url.protocol === 'data:' || url.protocol === 'blob:') {
    throw badSource(
      `a ${url.protocol} URL is one file. Pass the files by name: { 'config.json': blob, ... }`,
    );
  }
  checkFetchable(url);
  if (/\.(?:safetensors|json|bin)$/i.test(url.pathname)) throw fileForFolder(shownAddress(url));
  const folder = new URL(url);
  if (file !== null) folder.pathname = file.folder;
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.hash = '';
  return withGguf({ kind: 'url', url: folder.href }, file === null ? undefined : decoded(file.name));
}

/** Schemes that have hosts and that no page's `fetch` reads. */
const NOT_FETCHED = ['ftp:', 'ws:', 'wss:'];

/** In a page, the schemes of extensions and of apps (chrome-extension:, capacitor:, tauri:, app: ...) are as good as any. */
function checkFetchable(url: URL): void {
  const isFetchable =
    ['http:', 'https:', 'file:', 'data:', 'blob:'].includes(url.protocol) ||
    (pageAddress() !== null && url.host !== '' && !NOT_FETCHED.includes(url.protocol));
  if (!isFetchable) throw badSource(`${shorten(url.protocol)} URLs cannot be read`);
  if (url.username !== '' || url.password !== '') {
    throw badSource(
      `${shownAddress(url)} was given with a user name or a password, which browsers refuse to fetch; ` +
        'let the server take a cookie, or load the files yourself and give their contents',
    );
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badSource(`${show(name)} is not a valid part of a URL`);
  }
}

/** An error for the address or path of a file where a folder is wanted. */
export function fileForFolder(shown: string): SottoError {
  return badSource(
    `${shown} is a file: give the folder that holds it, with config.json and the tokenizer beside it (a URL that ends ` +
      'with a slash is one)',
  );
}

function chosenFile(blob: unknown, index: number): ChosenFile {
  if (!isBlob(blob)) throw badSource(`item ${index} of the list is no File`);
  const { name, webkitRelativePath } = blob as Partial<File>;
  const path = webkitRelativePath || name;
  if (!path)
    throw badSource(`item ${index} has no name. Pass the files by name: { 'config.json': blob, ... }`);
  return { path, blob };
}

function memoryFile(name: string, content: unknown): Blob | Uint8Array {
  if (isBlob(content)) return content;
  if (isBytes(content)) return viewBytes(content, `source: ${show(name)}`);
  throw noContent(name);
}

function noContent(name: string): SottoError {
  return badSource(`${show(name)} is neither a Blob nor an ArrayBuffer nor a view of one, and no URL`);
}

function isBlob(value: unknown): value is Blob {
  return tag(value) === 'Blob' || tag(value) === 'File';
}

function badSource(problem: string): SottoError {
  return new SottoError(
    'bad-option',
    `source: ${problem}. A source is the name of a model ('owner/name'), the folder of one or a .gguf file (a URL, in Node ` +
      "also a path), a list of File objects, or an object with the files' contents or URLs by name.",
  );
}
