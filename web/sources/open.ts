import { FilesSource } from './files.js';
import { MemorySource } from './memory.js';
import type { ModelSource } from './source.js';
import type { SourceSpec } from './spec.js';
import { UrlSource } from './url.js';

/**
 * Makes the source that a {@link SourceSpec} describes. Nothing is read yet.
 *
 * @throws SottoError 'bad-option' when the given files are those of several models.
 */
export async function openSource(spec: SourceSpec): Promise<ModelSource> {
  switch (spec.kind) {
    case 'url':
      return new UrlSource(spec.url);
    case 'path': {
      // Only here, so that browsers never load node: modules.
      const { NodeFileSource } = await import('./node-file.js');
      return NodeFileSource.create(spec.path, spec.gguf);
    }
    case 'files':
      return new FilesSource(spec.files, spec.gguf);
    case 'memory':
      return new MemorySource(spec.files);
  }
}
