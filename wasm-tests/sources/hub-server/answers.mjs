import { randomBytes } from 'node:crypto';

const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,' +
  'X-Linked-Size,X-Linked-ETag,X-Xet-Hash';

/** The headers that every answer of this origin has. */
export function originHeaders({ origin, request }) {
  if (origin === 'cdn') return { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };
  return {
    'access-control-allow-origin': request.headers.origin ?? 'https://huggingface.co',
    'access-control-max-age': '86400',
    vary: 'Origin, Accept',
    'access-control-expose-headers': EXPOSED,
    'x-request-id': `Root=1-${randomBytes(12).toString('hex')}`,
  };
}

/** The answer to OPTIONS. */
export function sendPreflight(exchange) {
  const { origin, request, response, entry } = exchange;
  entry.status = 204;
  response.writeHead(204, {
    'access-control-allow-methods': origin === 'cdn' ? 'GET, HEAD' : 'GET,HEAD,OPTIONS,POST,PUT,DELETE',
    'access-control-allow-headers':
      origin === 'cdn' ? '*' : (request.headers['access-control-request-headers'] ?? '*'),
  });
  response.end();
}

/** A short answer, as text where `headers` do not say otherwise. */
export function sendText(exchange, status, text, headers = {}) {
  const { request, response, entry } = exchange;
  const body = Buffer.from(text);
  entry.status = status;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    ...headers,
  });
  if (request.method !== 'HEAD') entry.bytesSent += body.length;
  response.end(body); // Node leaves it out for HEAD
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Refuses as the hub does: the message is a header, and the body: as text, or as JSON on the API. */
export function refuse(exchange, { status, code, message, headers }) {
  const all = { 'x-error-message': message.replaceAll(/[^\x20-\x7e]/g, '?'), ...headers };
  if (code !== undefined) all['x-error-code'] = code;
  if (!exchange.isApi) sendText(exchange, status, message, all);
  else sendText(exchange, status, JSON.stringify({ error: message }), { 'content-type': JSON_TYPE, ...all });
}

/** Refuses as the CDN does. */
export function sendDenied(exchange, status, message) {
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  sendText(exchange, status, text, { 'content-type': 'application/xml' });
}

export const UNAUTHORIZED = {
  status: 401,
  message: 'Invalid username or password.',
  headers: { 'www-authenticate': 'Bearer realm="Authentication required", charset="UTF-8"' },
};
export const ENTRY_NOT_FOUND = { status: 404, code: 'EntryNotFound', message: 'Entry not found' };
export const REPOSITORY_NOT_FOUND = { status: 404, code: 'RepoNotFound', message: 'Repository not found' };
export const DISABLED = {
  status: 403,
  code: 'DisabledRepo',
  message: 'Access to this resource is disabled.',
};

export const revisionNotFound = (revision) => ({
  status: 404,
  code: 'RevisionNotFound',
  message: `Invalid rev id: ${revision}`,
});

export const gatedWithoutToken = (id) => ({
  status: 401,
  code: 'GatedRepo',
  message:
    `Access to model ${id} is restricted. You must have access to it and be authenticated to access it. ` +
    'Please log in.',
});

export const gatedNotListed = (id, endpoint) => ({
  status: 403,
  code: 'GatedRepo',
  message:
    `Access to model ${id} is restricted and you are not in the authorized list. ` +
    `Visit ${endpoint}/${id} to ask for access.`,
});

export const RATE_LIMIT_MESSAGE = 'We had to rate limit your IP (127.0.0.1). Wait, or log in.';

/** Refuses for `seconds` in a window named 'resolvers' or 'api'. */
export const rateLimited = (window, seconds) => ({
  status: 429,
  message: RATE_LIMIT_MESSAGE,
  headers: { ratelimit: `"${window}";r=0;t=${seconds}` },
});
