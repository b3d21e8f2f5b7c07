import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 16;

const hexOf = (algorithm, ...parts) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest('hex');

/** The name that git gives to these bytes. */
export const gitOid = (bytes) => hexOf('sha1', `blob ${bytes.length}\0`, bytes);

export const sha1Of = (text) => hexOf('sha1', text);

/**
 * Bytes that are read in parts: `{ size, read(begin, end) }`, where `read` yields Uint8Arrays.
 *
 * @param given Bytes, a text, or `{ path }` of a file on disk.
 */
export async function contentOf(given) {
  if (typeof given === 'string') return contentOfBytes(Buffer.from(given));
  if (ArrayBuffer.isView(given)) return contentOfBytes(given);
  const { path } = given;
  const { size } = await stat(path);
  return {
    size,
    async *read(begin, end) {
      if (begin < end) yield* createReadStream(path, { start: begin, end: end - 1 });
    },
  };
}

export function contentOfBytes(bytes) {
  return {
    size: bytes.length,
    async *read(begin, end) {
      for (let at = begin; at < end; at += CHUNK_BYTES) {
        yield bytes.subarray(at, Math.min(at + CHUNK_BYTES, end));
      }
    },
  };
}

/** Dates of files on a static server: every file that is made is a second younger than the one before. */
let lastModified = Date.UTC(2026, 0, 1);

/**
 * A file of a repository: content, and all the names that the hub has for it.
 *
 * @returns `{ size, read, isLfs, sha256, oid, pointer, etag, cdnEtag, xetHash, modified }`; `oid` is git's name of
 * the file, or of its pointer where it is kept as a large one; `pointer` is the text of that pointer or null.
 */
export async function makeFile(given, path, isLarge) {
  const content = await contentOf(given);
  const { size } = content;
  const sha256 = createHash('sha256');
  const blob = createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of content.read(0, size)) {
    sha256.update(chunk);
    blob.update(chunk);
  }
  const hash = sha256.digest('hex');
  const isLfs = isLarge(path, size);
  const pointer = isLfs
    ? `version https://git-lfs.github.com/spec/v1\noid sha256:${hash}\nsize ${size}\n`
    : null;
  const oid = isLfs ? gitOid(Buffer.from(pointer)) : blob.digest('hex');
  lastModified += 1000;
  return {
    ...content,
    isLfs,
    sha256: hash,
    oid,
    pointer,
    etag: `"${isLfs ? hash : oid}"`,
    cdnEtag: `"${hexOf('md5', 'cdn', hash)}"`,
    xetHash: hexOf('sha256', 'xet', hash),
    modified: new Date(lastModified),
  };
}
