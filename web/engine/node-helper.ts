// The script of a helper thread in Node: makes the few names of a web worker that Emscripten's glue uses, then runs it.
import { importNode } from '../base/environment.js';

void importNode('node:worker_threads').then(async ({ parentPort, workerData }) => {
  const { url, name } = workerData as { url: string; name: string };
  const names = {
    self: globalThis,
    name,
    location: { href: url },
    importScripts: () => {}, // that it is there tells the glue where it runs
    postMessage: (message: unknown) => parentPort?.postMessage(message),
    onmessage: null as ((event: { data: unknown }) => void) | null,
  };
  // Deno has some of them, which cannot be assigned to.
  for (const [key, value] of Object.entries(names))
    Object.defineProperty(globalThis, key, { value, writable: true, configurable: true });
  await import(/* webpackIgnore: true */ /* @vite-ignore */ url);
  // Only now: messages that came earlier have waited.
  const scope = globalThis as unknown as Pick<typeof names, 'onmessage'>;
  parentPort?.on('message', (data) => scope.onmessage?.({ data }));
});
