import {
  DISABLED,
  ENTRY_NOT_FOUND,
  gatedNotListed,
  gatedWithoutToken,
  REPOSITORY_NOT_FOUND,
  rateLimited,
  refuse,
  revisionNotFound,
  sendText,
  UNAUTHORIZED,
} from './answers.mjs';
import { contentOfBytes } from './content.mjs';
import { infoOf, treeOf } from './repository.mjs';
import { sendContent } from './send-content.mjs';

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const XET_INFO = 'application/vnd.xet-fileinfo+json';

const WINDOW_SECONDS = 300;

/** Answers what routeOf understood of a request to the hub. */
export async function answerHub(exchange) {
  const { hub, request, route } = exchange;
  if (route.kind === 'other') return refuse(exchange, { status: 404, message: 'Sorry, we cannot find it' });
  const limit = countedWindow(exchange);
  if (limit !== null) return refuse(exchange, limit);
  const alias = hub.aliases[route.id];
  if (alias !== undefined && route.rest !== undefined) return sendAlias(exchange, alias);
  const repository = hub.repositories.get(route.id);
  const refusal = refusalOf(hub, repository, tokenOf(request), exchange);
  if (refusal !== null) return refuse(exchange, refusal);
  const commit = repository.commitOf(route.revision);
  if (commit === null) return refuse(exchange, revisionNotFound(route.revision));
  if (route.kind === 'tree') return sendTree(exchange, repository, commit);
  if (route.kind === 'info') {
    const hasBlobs = /^(true|1)$/.test(exchange.url.searchParams.get('blobs') ?? '');
    return sendJson(exchange, await infoOf(repository, commit, hasBlobs));
  }
  const { file } = exchange;
  if (file === null) return refuse(exchange, ENTRY_NOT_FOUND);
  if (route.kind === 'raw') return sendRaw(exchange, commit);
  if (route.kind === 'resolve-cache') return sendCached(exchange, commit);
  return resolve(exchange, commit);
}

/** Counts the request in its window of time. @returns A refusal, where the window is full and limits hold. */
function countedWindow({ hub, route, response, isApi }) {
  if (route.kind === 'resolve-cache') return null;
  const name = isApi ? 'api' : 'resolvers';
  const limit = hub.settings.limits[name];
  const now = hub.clock.now();
  let window = hub.windows.get(name);
  if (window === undefined || now >= window.end) {
    window = { end: now + WINDOW_SECONDS * 1000, count: 0 };
    hub.windows.set(name, window);
  }
  window.count++;
  const left = limit - window.count;
  const seconds = Math.ceil((window.end - now) / 1000);
  response.setHeader('ratelimit', `"${name}";r=${Math.max(0, left)};t=${seconds}`);
  response.setHeader('ratelimit-policy', `"fixed window";"${name}";q=${limit};w=${WINDOW_SECONDS}`);
  return left < 0 && hub.settings.enforcesLimits ? rateLimited(name, seconds) : null;
}

/** The token of a request: undefined without one. */
const tokenOf = ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];

function refusalOf(hub, repository, token, { route, isApi }) {
  if (token !== undefined && !hub.tokens.has(token)) return UNAUTHORIZED;
  const isListed = token !== undefined && repository?.tokens.has(token);
  if (repository === undefined || (repository.isPrivate && !isListed)) {
    return token === undefined ? UNAUTHORIZED : REPOSITORY_NOT_FOUND;
  }
  if (repository.isDisabled) return DISABLED;
  if (repository.gated === false || isListed || (isApi && route.kind !== 'resolve-cache')) return null;
  return token === undefined ? gatedWithoutToken(route.id) : gatedNotListed(route.id, hub.endpoint);
}

function sendAlias(exchange, alias) {
  const { route, url, isApi } = exchange;
  const path = [alias, route.rest].filter((part) => part !== '').join('/');
  const location = `${isApi ? '/api/models/' : '/'}${path}${url.search}`;
  sendText(exchange, 307, `Temporary Redirect. Redirecting to ${location}`, { location });
}

/** A JSON answer of the API, compressed where it is long. */
function sendJson(exchange, value, headers = {}) {
  const content = contentOfBytes(Buffer.from(JSON.stringify(value)));
  const { gzipFrom } = exchange.hub.settings;
  return sendContent(exchange, content, {
    headers: { ...JSON_TYPE, ...headers },
    etag: null,
    ranges: false,
    gzipFrom,
  });
}

function sendTree(exchange, repository, commit) {
  const { hub, route, url } = exchange;
  const isRecursive = /^(true|1)$/.test(url.searchParams.get('recursive') ?? '');
  const { pageSize, xet } = hub.settings;
  const entries = treeOf(repository.commits.get(commit), route.path, isRecursive, xet);
  if (entries === null) return refuse(exchange, ENTRY_NOT_FOUND);
  const limit = Math.min(Number(url.searchParams.get('limit') ?? pageSize), pageSize);
  const begin = Number(Buffer.from(url.searchParams.get('cursor') ?? '', 'base64url').toString());
  const headers = {};
  if (begin + limit < entries.length) {
    const next = new URL(url.pathname + url.search, hub.endpoint);
    next.searchParams.set('limit', limit);
    next.searchParams.set('cursor', Buffer.from(String(begin + limit)).toString('base64url'));
    headers.link = `<${next.href}>; rel="next"`;
  }
  return sendJson(exchange, entries.slice(begin, begin + limit), headers);
}

function sendRaw(exchange, commit) {
  const { file } = exchange;
  const content = file.isLfs ? contentOfBytes(Buffer.from(file.pointer)) : file;
  return sendContent(exchange, content, {
    headers: { ...TEXT, 'x-repo-commit': commit },
    etag: `"${file.oid}"`,
    ranges: false,
  });
}

/** What a redirect of a small file leads to. */
function sendCached(exchange, commit) {
  const { file, hub, route, url } = exchange;
  if (file.isLfs || route.revision !== commit) return refuse(exchange, ENTRY_NOT_FOUND);
  return sendSmall(exchange, commit, url.search.includes('download%3Dtrue'), hub.settings.gzipFrom);
}

function sendSmall(exchange, commit, isDownload, gzipFrom) {
  const { file, request } = exchange;
  const headers = { ...TEXT, 'x-repo-commit': commit, ...disposition(exchange, isDownload) };
  if (request.headers['if-none-match'] === file.etag) return sendNotModified(exchange, headers);
  return sendContent(exchange, file, { headers, etag: file.etag, gzipFrom });
}

const disposition = ({ route }, isDownload) => ({
  'content-disposition':
    `${isDownload ? 'attachment' : 'inline'}; ` +
    `filename*=UTF-8''${encodeURIComponent(route.path.split('/').at(-1))}`,
});

function sendNotModified({ file, response, entry }, headers) {
  const { 'content-type': _, ...rest } = headers;
  entry.status = 304;
  response.writeHead(304, { ...rest, etag: file.etag }).end();
}

function resolve(exchange, commit) {
  const { hub, file, request, route, url } = exchange;
  const isDownload = url.searchParams.get('download') === 'true';
  const { gzipFrom, xet } = hub.settings;
  if (route.kind === 'direct') return sendSmall(exchange, commit, isDownload, gzipFrom);
  const shared = { 'x-repo-commit': commit, 'accept-ranges': 'bytes' };
  if (request.headers['if-none-match'] === file.etag) return sendNotModified(exchange, shared);
  if (!file.isLfs) {
    const path = route.path.split('/').map(encodeURIComponent).join('/');
    const original = encodeURIComponent(url.pathname + url.search);
    const etag = encodeURIComponent(file.etag);
    const location = `/api/resolve-cache/models/${route.id}/${commit}/${path}?${original}=&etag=${etag}`;
    const text = `Temporary Redirect. Redirecting to ${location}`;
    return sendText(exchange, 307, text, { ...shared, location });
  }
  const linked = { ...shared, 'x-linked-size': file.size, 'x-linked-etag': file.etag };
  if (xet) {
    linked['x-xet-hash'] = file.xetHash;
    linked.link =
      `<${hub.endpoint}/api/models/${route.id}/xet-read-token/${commit}>; rel="xet-auth", ` +
      `<${hub.endpoint}/reconstructions/${file.xetHash}>; rel="xet-reconstruction-info"`;
    if (request.headers.accept === XET_INFO) {
      const text = JSON.stringify({ hash: file.xetHash });
      return sendText(exchange, 200, text, { ...linked, 'content-type': XET_INFO });
    }
  }
  const location = hub.sign(file, route, isDownload);
  return sendText(exchange, 302, `Found. Redirecting to ${location}`, { ...linked, location });
}
