import type { FetchedResponse } from './http.js';
import type { FileIdentity } from './source.js';

/** Why a response means that there is no such file, or null when it does not mean that. */
export function whyAbsent(response: FetchedResponse): string | null {
  if ([204, 404, 410].includes(response.status)) return `HTTP ${response.status}`;
  // Servers of single-page applications answer 200 with the page for any address.
  return response.ok && isPage(response) ? 'the server answered with an HTML page' : null;
}

export function isPage({ headers }: FetchedResponse): boolean {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '');
}

/** What the headers tell about a file, or about a part of it. */
export function identityOf({ headers }: FetchedResponse, size: number | null): FileIdentity {
  const etag = headers.get('etag');
  const lastModified = Date.parse(headers.get('last-modified') ?? '');
  return {
    ...(etag !== null && { etag }),
    ...(Number.isFinite(lastModified) && { lastModified }),
    size,
  };
}

/** The size of the decoded body, where the headers tell it. */
export function bodySize(response: FetchedResponse): number | null {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  const type = response.headers.get('content-type') ?? '';
  // Across origins the encoding is hidden, and what is text is what servers compress: its length says nothing.
  const mayBeEncoded = encoding !== 'identity' || (response.type === 'cors' && /json|text|xml/i.test(type));
  const length = response.headers.get('content-length');
  if (length === null || mayBeEncoded || !/^\d+$/.test(length)) return null;
  const size = Number(length);
  return Number.isSafeInteger(size) ? size : null;
}

/** Which part of a file a response brings (`Content-Range: bytes 0-9/100`); null where that cannot be seen. */
export function partOf({ headers }: FetchedResponse): { begin: number; total: number } | null {
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  return total === undefined ? null : { begin: Number(begin), total: Number(total) };
}
