// The documents whose blocks of code are tested.
import { repositoryFiles } from '../project/repository.mjs';

/** README.md and all of docs/, by their path. */
export const DOCUMENTS = repositoryFiles().filter(
  (path) => path === 'README.md' || (path.startsWith('docs/') && path.endsWith('.md')),
);
