import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { sendText } from './answers.mjs';
import { parseRange } from './range.mjs';

/** How often slow bodies go on, in a second. */
const SLOW_STEPS = 20;

/**
 * Sends content, or the range that is asked for, with the faults of bodies that the exchange has.
 *
 * @param content `{ size, read }`, see contentOf.
 * @param options.headers Of the answer.
 * @param options.etag With its quotes, or null.
 * @param options.ranges False where ranges are not understood.
 * @param options.gzipFrom Compresses from this size on, as the hub's cache does for texts: without a content-length.
 */
export async function sendContent(exchange, content, { headers, etag, ranges = true, gzipFrom = Infinity }) {
  const { request, response, entry, faults } = exchange;
  const fault = (kind) => faults.find((one) => one.kind === kind);
  const { size } = content;
  const asked = request.headers.range;
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const ignores = !ranges || !isSame || fault('ignores-range') !== undefined || fault('gzip') !== undefined;
  const range = ignores ? null : parseRange(asked, size);
  if (range === 'unsatisfiable') return sendUnsatisfiable(exchange, size);

  const all = { ...headers };
  if (etag !== null) all.etag = etag;
  const accepts = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (fault('gzip') !== undefined || (asked === undefined && size >= gzipFrom && accepts)) {
    if (etag !== null && fault('gzip') === undefined) all.etag = `W/${etag.replace(/^W\//, '')}`;
    return sendCompressed(exchange, content, all);
  }

  let { begin, end } = range ?? { begin: 0, end: size };
  if (ranges) all['accept-ranges'] = 'bytes';
  if (range !== null) {
    const { total = size, shift = 0 } = fault('wrong-total') ?? {};
    all['content-range'] = `bytes ${begin + shift}-${end - 1 + shift}/${total}`;
  }
  const short = fault('short');
  if (short !== undefined) end = Math.min(end, begin + short.length);
  if (short?.isChunked !== true) all['content-length'] = end - begin;
  entry.status = range === null ? 200 : 206;
  response.writeHead(entry.status, all);
  if (request.method === 'HEAD') response.end();
  else await pump(exchange, damaged(content.read(begin, end), begin, faults));
}

export function sendUnsatisfiable(exchange, size) {
  sendText(exchange, 416, 'Range Not Satisfiable', { 'content-range': `bytes */${size}` });
}

async function sendCompressed(exchange, content, headers) {
  const { request, response, entry, faults } = exchange;
  const chunks = [];
  for await (const chunk of damaged(content.read(0, content.size), 0, faults)) chunks.push(chunk);
  entry.status = 200;
  response.writeHead(200, { ...headers, 'content-encoding': 'gzip' });
  if (request.method === 'HEAD') response.end();
  else await pump(exchange, [gzipSync(Buffer.concat(chunks))]);
}

/** The chunks, of which the first begins at `begin` of the file, with the bytes changed that faults change. */
async function* damaged(chunks, begin, faults) {
  const flips = faults.filter(({ kind }) => kind === 'flip');
  const zeros = faults.filter(({ kind }) => kind === 'zero');
  let at = begin;
  for await (const chunk of chunks) {
    const end = at + chunk.length;
    let bytes = chunk;
    if (flips.length + zeros.length > 0) {
      bytes = Uint8Array.from(chunk);
      for (const { offset, mask = 1 } of flips) if (offset >= at && offset < end) bytes[offset - at] ^= mask;
      for (const zero of zeros) bytes.fill(0, clamp(zero.begin, at, end) - at, clamp(zero.end, at, end) - at);
    }
    yield bytes;
    at = end;
  }
}

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/** Writes the body as fast as it is taken, or as the exchange's faults say, and ends it. */
async function pump({ response, entry, faults }, chunks) {
  const fault = (kind) => faults.find((one) => one.kind === kind);
  const cut = fault('cut')?.after ?? Infinity;
  const stall = fault('stall')?.after ?? Infinity;
  const rate = fault('slow')?.rate ?? Infinity;
  const stop = Math.min(cut, stall);
  const step = rate === Infinity ? Infinity : Math.max(1, Math.floor(rate / SLOW_STEPS));
  let sent = 0;
  let isStopped = false;
  response.flushHeaders();
  for await (const chunk of chunks) {
    const bytes = chunk.subarray(0, Math.min(chunk.length, stop - sent));
    for (let at = 0; at < bytes.length; at += step) {
      const piece = bytes.subarray(at, Math.min(at + step, bytes.length));
      if (rate !== Infinity) await sleep((1000 * piece.length) / rate);
      if (!(await write(response, piece))) return;
      sent += piece.length;
      entry.bytesSent += piece.length;
    }
    isStopped = bytes.length < chunk.length;
    if (isStopped) break;
  }
  if (!isStopped) response.end();
  else if (stop === cut) response.socket?.destroySoon();
  else await closed(response);
}

/** Resolves to false when nobody listens any more. */
async function write(response, bytes) {
  if (response.destroyed) return false;
  if (!response.write(bytes)) {
    await new Promise((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }
  return !response.destroyed;
}

/** Resolves when the connection is gone. */
export function closed(response) {
  return new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.once('close', resolve);
  });
}
