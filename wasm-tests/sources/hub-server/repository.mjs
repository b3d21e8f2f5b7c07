import { makeFile, sha1Of } from './content.mjs';

/** A repository: its revisions (branches, tags, `refs/pr/N`) name commits, and a commit is a set of files. */
export class Repository {
  /** @param given `{ gated, private, disabled, token, tokens }` of startHub's `repos`. */
  constructor(id, given, isLarge) {
    this.id = id;
    this.gated = given.gated ?? false;
    this.isPrivate = given.private ?? false;
    this.isDisabled = given.disabled ?? false;
    this.tokens = new Set([...(given.token === undefined ? [] : [given.token]), ...(given.tokens ?? [])]);
    this.revisions = new Map();
    this.commits = new Map();
    this.isLarge = isLarge;
  }

  /** Lets a revision, new or not, name a commit with these files. The commits before are there still. */
  async move(revision, given) {
    const files = new Map();
    for (const path of Object.keys(given).sort()) {
      files.set(path, await makeFile(given[path], path, this.isLarge));
    }
    const commit = sha1Of(JSON.stringify([this.id, ...[...files].map(([path, { oid }]) => [path, oid])]));
    if (!this.commits.has(commit)) this.commits.set(commit, files);
    this.revisions.set(revision, commit);
    return commit;
  }

  /** The commit that a revision names, or null; a commit names itself. */
  commitOf(revision) {
    return this.revisions.get(revision) ?? (this.commits.has(revision) ? revision : null);
  }

  /** The file at a revision, or null. */
  fileOf(path, revision) {
    return this.commits.get(this.commitOf(revision))?.get(path) ?? null;
  }
}

const lfsOf = (file, hashName) => ({
  [hashName]: file.sha256,
  size: file.size,
  pointerSize: file.pointer.length,
});

/** What the tree endpoint lists: the files and folders in `folder` ('' is the root), or null where it is absent. */
export function treeOf(files, folder, isRecursive, hasXet) {
  const inside = folder === '' ? '' : `${folder}/`;
  const entries = new Map();
  for (const [path, file] of files) {
    if (!path.startsWith(inside)) continue;
    const segments = path.slice(inside.length).split('/');
    for (let depth = 1; depth < segments.length && (isRecursive || depth === 1); depth++) {
      const directory = inside + segments.slice(0, depth).join('/');
      entries.set(directory, { type: 'directory', oid: sha1Of(directory), size: 0, path: directory });
    }
    if (segments.length > 1 && !isRecursive) continue;
    const entry = { type: 'file', oid: file.oid, size: file.size, path };
    if (file.isLfs) {
      entry.lfs = lfsOf(file, 'oid');
      if (hasXet) entry.xetHash = file.xetHash;
    }
    entries.set(path, entry);
  }
  if (entries.size === 0 && folder !== '') return null;
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What the endpoints of a repository and of its revisions tell. */
export async function infoOf(repository, commit, hasBlobs) {
  const files = repository.commits.get(commit);
  const siblings = [...files].map(([path, file]) => {
    if (!hasBlobs) return { rfilename: path };
    const sibling = { rfilename: path, size: file.size, blobId: file.oid };
    return file.isLfs ? { ...sibling, lfs: lfsOf(file, 'sha256') } : sibling;
  });
  const config = await configOf(files.get('config.json'));
  return {
    id: repository.id,
    modelId: repository.id,
    sha: commit,
    private: repository.isPrivate,
    gated: repository.gated === true ? 'manual' : repository.gated,
    disabled: repository.isDisabled,
    pipeline_tag: 'text-generation',
    tags: ['text-generation'],
    ...(config === null ? {} : { config }),
    siblings,
  };
}

async function configOf(file) {
  if (file === undefined) return null;
  const chunks = [];
  for await (const chunk of file.read(0, file.size)) chunks.push(chunk);
  try {
    const { architectures, model_type } = JSON.parse(Buffer.concat(chunks).toString());
    return { architectures, model_type };
  } catch {
    return null; // the hub takes files that are no JSON as well
  }
}
