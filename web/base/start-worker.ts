/** Scripts of other origins that workers were started of, with the address of the one line that imports each. */
const ways = new Map<string, string>();

/**
 * Starts a worker, also of a script that another origin serves, such as a CDN: browsers start none of that themselves, but
 * let a worker of the page's own import it.
 *
 * @param start Makes the worker of its script.
 * @param script The address of that script, a module.
 * @throws whatever the browser refuses it for
 */
export function startWorker(start: () => Worker, script: URL, options: { name?: string }): Worker {
  try {
    return start();
  } catch (cause) {
    if (!isOfOtherOrigin(script)) throw cause;
    return new Worker(wayTo(script.href), { ...options, type: 'module' });
  }
}

/** Whether a script is one that browsers start no worker of, as another origin serves it. */
export function isOfOtherOrigin(script: URL): boolean {
  return (
    /^https?:$/.test(script.protocol) && typeof location !== 'undefined' && script.origin !== self.origin
  );
}

/** It stays for good: a few bytes for each script, and a worker may fetch it late. */
function wayTo(href: string): string {
  const known = ways.get(href);
  if (known !== undefined) return known;
  const line = new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' });
  const way = URL.createObjectURL(line);
  ways.set(href, way);
  return way;
}
