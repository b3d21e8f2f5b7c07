// The page without a connection: after the first visit the service worker has its files.

const words = document.querySelector('#offline');

/** @param {string} variant which of the engine's binaries runs here; the others are not kept */
export async function workOffline(variant) {
  if (navigator.serviceWorker === undefined) return;
  navigator.serviceWorker.onmessage = ({ data }) => {
    if (data.isOfflineReady) words.textContent = ' · works without a connection';
  };
  try {
    await navigator.serviceWorker.register(new URL('./service-worker.js', import.meta.url));
    const { active } = await navigator.serviceWorker.ready;
    const glue = variant.endsWith('-threads') ? ['sotto/wasm/threads.js'] : [];
    active.postMessage({ keep: [`sotto/wasm/${variant}.wasm`, ...glue] });
  } catch {
    // Private windows and some settings forbid it; the page works all the same.
  }
}
