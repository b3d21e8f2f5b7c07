// A handler of requests that sends the files of a folder. Every request gets an answer with the status that is due.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream';

const TYPES = {
  '.css': 'text/css;charset=utf-8',
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript;charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain;charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};
const ANY_TYPE = 'application/octet-stream';
const MOST_PATH = 2048;

/** Ends a request with a status and a word for people. */
export function answer(response, status, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'text/plain;charset=utf-8', ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : `${status} ${response.statusMessage}\n`);
}

/**
 * The path of a request's target, decoded: absolute, without the segments `.` and `..`.
 *
 * @returns {{ path: string } | { status: number }} or the status that refuses the target
 */
export function pathOf(target) {
  const [encoded] = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1);
  if (encoded.length > MOST_PATH) return { status: 414 };
  try {
    const path = decodeURIComponent(encoded);
    const isSafe = path.startsWith('/') && !/[\p{Cc}\\]/u.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);
    return isSafe ? { path } : { status: 400 };
  } catch {
    return { status: 400 };
  }
}

/**
 * The part of a file that a Range header asks for (RFC 9110, section 14).
 *
 * @returns {{ begin: number, end: number } | 'whole' | 'none'} with `end` behind the last byte; 'whole' where there is no
 *   header, another unit, or several parts, which a server may pass over; 'none' where the file has no such part
 */
export function rangeOf(header, size) {
  if (header === undefined || !/^\s*bytes\s*=/i.test(header) || header.includes(',')) return 'whole';
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header) ?? [];
  if (first === undefined || (first === '' && last === '')) return 'none';
  if (first === '')
    return Number(last) === 0 || size === 0 ? 'none' : { begin: Math.max(0, size - last), end: size };
  const begin = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  return begin < end ? { begin, end } : 'none';
}

/** The file that a path names in a folder, index.html in folders; null where there is none. */
async function findFile(folder, path) {
  try {
    const root = await realpath(folder);
    const file = join(root, path.endsWith('/') ? `${path}index.html` : path);
    const status = await stat(file);
    return status.isFile() && file.startsWith(root + sep) ? { file, status } : null;
  } catch {
    return null; // whatever it is that cannot be opened, it is no file of ours
  }
}

/**
 * Sends files of a folder, parts of them included.
 *
 * @param {string} folder
 * @returns {(request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>}
 *   `path`: inside the folder, as `pathOf` gives it
 */
export function staticFiles(folder) {
  return async (request, response, path) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answer(response, 405, { Allow: 'GET, HEAD' });
    }
    const found = await findFile(folder, path);
    if (found === null) return answer(response, 404);
    const { file, status } = found;
    const range = rangeOf(request.headers.range, status.size);
    if (range === 'none') return answer(response, 416, { 'Content-Range': `bytes */${status.size}` });
    const { begin, end } = range === 'whole' ? { begin: 0, end: status.size } : range;
    response.writeHead(range === 'whole' ? 200 : 206, {
      'Content-Type': TYPES[extname(file).toLowerCase()] ?? ANY_TYPE,
      'Content-Length': end - begin,
      'Last-Modified': status.mtime.toUTCString(),
      'Cache-Control': 'no-store',
      'Accept-Ranges': 'bytes',
      ...(range !== 'whole' && { 'Content-Range': `bytes ${begin}-${end - 1}/${status.size}` }),
    });
    if (request.method === 'HEAD' || begin === end) return response.end();
    // It destroys the response where the file cannot be read to its end.
    pipeline(createReadStream(file, { start: begin, end: end - 1 }), response, () => {});
  };
}
