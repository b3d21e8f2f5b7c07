import { shownAddress } from '../base/address.js';
import { shortened } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import type { Answer, FetchedResponse, HttpClient } from './http.js';
import { httpError, reasonOf } from './http-error.js';
import { isPage } from './response-facts.js';
import type { FileDigest } from './source.js';

/** A repository of a hub, and which state of it. */
export interface HubAddress {
  /** Where the hub is: an absolute URL without a slash at the end. */
  endpoint: string;
  /** `owner/name`. */
  id: string;
  /** A branch, a tag, a commit, or `refs/pr/N`. */
  revision: string;
}

/** A file as the hub lists it. */
export interface ListedFile {
  /** In bytes. */
  size: number;
  digest?: FileDigest;
}

/** All files of one commit, by their paths in the repository. */
export interface HubListing {
  commit: string;
  files: ReadonlyMap<string, ListedFile>;
}

/** A repository of more than so many pages of the list is none of a model. */
const MOST_PAGES = 100;

/** Without the list no hash is known, so that no chance may hide it. */
const MOST_STRAY_PAGES = 2;

/** Most bytes of one answer. */
const MOST_BYTES = 32 << 20;

/** A server that has the hub's files and not its list of them, as a mirror of static files: each name has to be tried. */
export const NO_LISTING = null;

/**
 * Asks a hub for a commit's files with their sizes and hashes (https://huggingface.co/docs/hub/api). The commit is what the revision
 * stands for now; whatever is asked for later is of it, even if the revision moves.
 *
 * @returns {@link NO_LISTING} where the server knows no such question.
 * @throws SottoError 'file-not-found' for a repository or revision that is not there, 'access-denied', 'network'; what `signal` was
 *   aborted with
 */
export async function listHub(
  address: HubAddress,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<HubListing | typeof NO_LISTING> {
  const api = `${address.endpoint}/api/models/${address.id}`;
  const about = await askHub(`${api}/revision/${encodeURIComponent(address.revision)}?blobs=true`, address, {
    http,
    signal,
  });
  if (about === null) return NO_LISTING;
  const { sha, siblings } = fields(about.value);
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) throw notAsExpected(api, 'names no commit');
  const files = listedSiblings(siblings) ?? (await listTree(`${api}/tree/${sha}`, address, http, signal));
  return files === null ? NO_LISTING : { commit: sha, files };
}

/** Null where sizes are missing, as from servers that pass over `blobs=true`. */
function listedSiblings(siblings: unknown): ReadonlyMap<string, ListedFile> | null {
  if (!Array.isArray(siblings)) return null;
  const files = new Map<string, ListedFile>();
  for (const sibling of siblings) {
    const { rfilename, size, blobId, lfs } = fields(sibling);
    if (typeof rfilename !== 'string' || !isSize(size)) return null;
    const { sha256, size: lfsSize } = fields(lfs);
    files.set(rfilename, {
      size: isSize(lfsSize) ? lfsSize : size,
      ...digestOf(sha256, lfs ? null : blobId),
    });
  }
  return files;
}

async function listTree(
  url: string,
  address: HubAddress,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ListedFile> | null> {
  const files = new Map<string, ListedFile>();
  let next: string | null = `${url}?recursive=true&expand=false`;
  for (let page = 0; next !== null; page++) {
    if (page === MOST_PAGES) throw notAsExpected(url, `goes on after ${MOST_PAGES} pages`);
    const answer: HubAnswer | null = await askHub(next, address, { http, signal });
    if (answer === null) return null;
    if (!Array.isArray(answer.value)) throw notAsExpected(url, 'is no list');
    for (const entry of answer.value) {
      const { type, path, size, oid, lfs } = fields(entry);
      if (type !== 'file' || typeof path !== 'string' || !isSize(size)) continue;
      const { oid: sha256, size: lfsSize } = fields(lfs);
      files.set(path, { size: isSize(lfsSize) ? lfsSize : size, ...digestOf(sha256, lfs ? null : oid) });
    }
    next = nextPage(answer.response, address.endpoint);
  }
  return files;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function digestOf(sha256: unknown, sha1: unknown): { digest?: FileDigest } {
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256))
    return { digest: { algorithm: 'sha256', hex: sha256 } };
  if (typeof sha1 === 'string' && /^[0-9a-f]{40}$/.test(sha1))
    return { digest: { algorithm: 'git-sha1', hex: sha1 } };
  return {};
}

/** `Link: <…>; rel="next"`; of another origin none, since the token is for this one. */
function nextPage({ headers }: FetchedResponse, endpoint: string): string | null {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(headers.get('link') ?? '')?.[1];
  if (link === undefined) return null;
  try {
    const url = new URL(link, `${endpoint}/`);
    return url.origin === new URL(endpoint).origin ? url.href : null;
  } catch {
    return null;
  }
}

interface HubAnswer {
  value: unknown;
  response: FetchedResponse;
}

/** Null where the server has no such door at all. */
async function askHub(
  url: string,
  address: HubAddress,
  { http, signal }: { http: HttpClient; signal: AbortSignal | undefined },
): Promise<HubAnswer | null> {
  const patience = http.patience();
  for (let nPages = 0; ; ) {
    const answer = await http.request(url, { signal, patience });
    const { response } = answer;
    if (!response.ok) {
      const error = await refusal(answer, url, address, http);
      signal?.throwIfAborted();
      if (error === null) return null;
      throw error;
    }
    try {
      const value: unknown = JSON.parse(await textOf(answer));
      const { error } = fields(value);
      if (error === undefined) return { value, response };
      // The hub has answered so when it limits the rate.
      if (!(await patience.wait(null, signal)))
        throw notAsExpected(url, http.shown(shortened(String(error), 200), url));
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof SottoError) throw cause;
      // The page of an application, which it gives for any address; once or twice, it comes from somebody on the way.
      if (isPage(response) && ++nPages > MOST_STRAY_PAGES) return null;
      if (!(await patience.wait(null, signal))) throw notAsExpected(url, 'is cut, or no JSON');
    }
  }
}

async function textOf({ body }: Answer): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let chunk = await body.read(); chunk !== null; chunk = await body.read()) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MOST_BYTES) throw new Error('too long');
    }
    return text + decoder.decode();
  } finally {
    await body.cancel();
  }
}

/**
 * What a hub says no with. Of a repository that is not there it says the same as of one that is private, so that nobody learns which
 * there are. Null where it is no hub.
 */
async function refusal(
  answer: Answer,
  url: string,
  { endpoint, id, revision }: HubAddress,
  http: HttpClient,
): Promise<SottoError | null> {
  const { status, headers } = answer.response;
  const code = headers.get('x-error-code');
  const page = `${endpoint}/${id}`;
  const why = async () => http.shown(shortened((await reasonOf(answer)) || `HTTP ${status}`, 200), url);
  if (code === 'RevisionNotFound')
    return new SottoError(
      'file-not-found',
      `${id} has no revision "${shortened(revision, 80)}" (${await why()})`,
    );
  if (code === 'GatedRepo')
    return denied(
      `${id} is only for those who have accepted its conditions (${await why()}). Accept them at ${page}, and give a token of ` +
        'that account as the option `token`',
    );
  if (code === 'DisabledRepo') return denied(`${id} was taken down (${await why()})`);
  if (status === 401 || code === 'RepoNotFound')
    return denied(
      `there is no model ${id} at ${shownAddress(endpoint)}, or it is private (${await why()}). Check the name; of a private ` +
        'one give a token that may read it as the option `token`. A folder of your own is meant with a slash at its end, ' +
        `or with ./ before: './${id}/'`,
    );
  if (status === 403) return denied(`${id} is not for this token (${await why()})`);
  if (status === 404) {
    await answer.body.cancel();
    return null;
  }
  return httpError(url, answer, http);
}

function denied(message: string): SottoError {
  return new SottoError('access-denied', `${message}.`);
}

function notAsExpected(url: string, what: string): SottoError {
  return new SottoError('network', `${shownAddress(url)}: the server's answer ${what}; try again later`);
}
