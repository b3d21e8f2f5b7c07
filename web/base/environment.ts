/** Whether this is Node, or a runtime that passes for it (Bun, Deno), and not a browser. */
export const isNode: boolean =
  typeof process === 'object' &&
  typeof process.versions?.node === 'string' &&
  // Electron's pages and their workers have a process, too.
  typeof document === 'undefined' &&
  !('WorkerGlobalScope' in globalThis);

/** The modules of Node that are used where there is one. */
interface NodeModules {
  'node:fs/promises': typeof import('node:fs/promises');
  'node:os': typeof import('node:os');
  'node:path': typeof import('node:path');
  'node:url': typeof import('node:url');
  'node:worker_threads': typeof import('node:worker_threads');
}

/** Imports a module of Node. The name reaches `import` as a variable, so that bundlers for browsers leave it alone. */
export function importNode<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** What relative URLs are relative to: the page's or the worker's address; null outside of browsers. */
export function pageAddress(): string | null {
  if (typeof document !== 'undefined') return document.baseURI;
  return typeof location === 'undefined' ? null : location.href;
}
