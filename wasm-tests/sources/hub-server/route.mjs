/** Decodes the segments of a URL's path; null where they cannot be. */
function segmentsOf(pathname) {
  try {
    return pathname.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

const other = () => ({ kind: 'other', id: null, revision: null, path: null });

/**
 * What a URL's path on the hub means: `{ kind, id, revision, path, rest }`.
 *
 * @returns `kind` is 'resolve', 'resolve-cache', 'raw', 'tree', 'info' or 'other'. `path` is the file's, or the
 * folder's of a tree; `rest` is what follows the id, as it is written.
 */
export function routeOf(pathname) {
  const segments = segmentsOf(pathname);
  if (segments === null) return other();
  if (segments[0] !== 'api') return fileRoute(segments, pathname);
  if (segments[1] === 'resolve-cache' && segments[2] === 'models' && segments.length > 6) {
    const [owner, name, revision, ...path] = segments.slice(3);
    return { kind: 'resolve-cache', id: `${owner}/${name}`, revision, path: path.join('/') };
  }
  if (segments[1] !== 'models' || segments.length < 3) return other();
  const names = segments.slice(2);
  const nId = names.length === 1 || ['tree', 'revision'].includes(names[1]) ? 1 : 2;
  const [verb, revision = 'main', ...path] = names.slice(nId);
  const shared = { ...idAndRest(segments, pathname, 2, nId), revision };
  if (verb === 'tree') return { kind: 'tree', ...shared, path: path.join('/') };
  if ((verb === undefined || verb === 'revision') && path.length === 0) {
    return { kind: 'info', ...shared, path: null };
  }
  return other();
}

function fileRoute(segments, pathname) {
  const nId = ['resolve', 'raw'].includes(segments[1]) ? 1 : 2;
  const [verb, revision, ...path] = segments.slice(nId);
  if (!['resolve', 'raw'].includes(verb) || path.length === 0) return other();
  return { kind: verb, ...idAndRest(segments, pathname, 0, nId), revision, path: path.join('/') };
}

function idAndRest(segments, pathname, begin, nId) {
  const end = begin + nId;
  return {
    id: segments.slice(begin, end).join('/'),
    rest: pathname.slice(1).split('/').slice(end).join('/'),
  };
}
