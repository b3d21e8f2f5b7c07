/**
 * What a Range header asks for: `{ begin, end }` (end exclusive), null for all of it (no header, several ranges, or
 * one that makes no sense), or 'unsatisfiable'.
 */
export function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? 'unsatisfiable' : { begin: size - length, end: size };
  }
  const begin = Number(match[1]);
  const last = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < begin) return null;
  return begin >= size ? 'unsatisfiable' : { begin, end: last + 1 };
}
