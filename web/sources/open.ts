import { importNode, isNode } from '../base/environment.js';
import { FilesSource } from './files.js';
import type { HttpClient } from './http.js';
import { MemorySource } from './memory.js';
import type { ModelSource } from './source.js';
import type { SourceSpec } from './spec.js';
import { UrlSource } from './url.js';

/** A source that is no model by name: that one has to be asked for first. */
export type DirectSpec = Exclude<SourceSpec, { kind: 'hub' }>;

/**
 * Makes the source that a spec describes. Nothing is read yet.
 *
 * @throws SottoError 'bad-option' when the given files are those of several models.
 */
export async function openSource(spec: DirectSpec, http: HttpClient): Promise<ModelSource> {
  switch (spec.kind) {
    case 'url':
      return new UrlSource(spec.url, http);
    case 'urls':
      return new UrlSource(
        (name) => (Object.hasOwn(spec.urls, name) ? (spec.urls[name] as string) : null),
        http,
        Object.keys(spec.urls),
      );
    case 'path':
      return openPath(spec.path, spec.gguf);
    case 'files':
      return new FilesSource(spec.files, spec.gguf);
    case 'memory':
      return new MemorySource(spec.files);
  }
}

/** What is meant in the folder of a path, outside of browsers. @throws SottoError 'bad-option' */
async function openPath(path: string, gguf?: string): Promise<ModelSource> {
  // Only here, so that browsers never load node: modules.
  const { NodeFileSource } = await import('./node-file.js');
  return NodeFileSource.create(path, gguf);
}

/**
 * A folder of the disk, outside of browsers, and the GGUF file that is the model in it where there is no config.json.
 *
 * @throws SottoError 'bad-option'
 */
export async function openFolder(path: string): Promise<{ source: ModelSource; gguf: string | undefined }> {
  const { findFolder } = await import('./node-folder.js');
  const found = await findFolder(path);
  return { source: await openPath(found.path, found.gguf), gguf: found.gguf };
}

/** Whether there is such a folder on the disk; never in browsers. */
export async function isFolder(path: string): Promise<boolean> {
  if (!isNode) return false;
  const { stat } = await importNode('node:fs/promises');
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
