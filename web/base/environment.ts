export { importNode } from './import-node.js';

/** Whether this is Node, or a runtime that passes for it (Bun, Deno), and not a browser. */
export const isNode: boolean =
  typeof process === 'object' &&
  typeof process.versions?.node === 'string' &&
  // Electron's pages and their workers have a process, too.
  typeof document === 'undefined' &&
  !('WorkerGlobalScope' in globalThis);

/**
 * Whether it is a runtime at the edge (Cloudflare's workerd, Vercel's edge-light), which compiles no WebAssembly when it runs,
 * and keeps what begins with one request apart from others.
 */
export const isEdgeRuntime: boolean =
  globalThis.navigator?.userAgent === 'Cloudflare-Workers' || 'EdgeRuntime' in globalThis;

/** What relative URLs are relative to: the page's or the worker's address; null outside of browsers. */
export function pageAddress(): string | null {
  if (typeof document !== 'undefined') return document.baseURI;
  return typeof location === 'undefined' ? null : location.href;
}
