// The script of a helper thread in Node: makes the few names of a web worker that Emscripten's glue uses, then runs it.
import { importNode } from '../base/environment.js';

void importNode('node:worker_threads').then(async ({ parentPort, workerData }) => {
  const { url, name } = workerData as { url: string; name: string };
  const scope = Object.assign(globalThis as object, {
    self: globalThis,
    name,
    location: { href: url },
    importScripts: () => {}, // that it is there tells the glue where it runs
    postMessage: (message: unknown) => parentPort?.postMessage(message),
    onmessage: null as ((event: { data: unknown }) => void) | null,
  });
  await import(/* webpackIgnore: true */ /* @vite-ignore */ url);
  // Only now: messages that came earlier have waited.
  parentPort?.on('message', (data) => scope.onmessage?.({ data }));
});
