// The documentation without a connection: after the first visit its service worker has all of it, which it does not
// fetch where the reader has asked to save data.
import { withBase } from 'vitepress';

export async function workOffline() {
  if (import.meta.env.SSR || import.meta.env.DEV || navigator.serviceWorker === undefined) return;
  if (navigator.connection?.saveData) return;
  try {
    await navigator.serviceWorker.register(withBase('/service-worker.js'));
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage('keep');
  } catch {
    // Private windows and some settings forbid it; the pages are read all the same.
  }
}
