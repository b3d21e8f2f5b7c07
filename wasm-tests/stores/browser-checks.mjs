// The suite where a browser is: on a page, and as the script of a worker, which answers each check's name with its error or null.
import { openStore } from '../../build/web/stores/open.js';
import { STORE_CHECKS } from './conformance.mjs';
import { MODEL_CHECKS } from './model-checks.mjs';

const CHECKS = { ...STORE_CHECKS, ...MODEL_CHECKS };

/** What deletes all of a store behind its back. */
const WIPES = {
  opfs: async () => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('sotto-models', { recursive: true }).catch((error) => {
      if (error.name !== 'NotFoundError') throw error;
    });
  },
  cache: () => caches.delete('sotto-models'),
};

/** Runs one check; resolves to what it threw, as text, or null. */
export async function runCheck(kind, name) {
  try {
    await WIPES[kind]();
    const spec = { kind };
    await CHECKS[name]({ spec, open: () => openStore(spec), wipe: WIPES[kind] });
    return null;
  } catch (error) {
    return `${error.stack ?? error}`;
  }
}

if (typeof document === 'undefined') {
  addEventListener('message', async ({ data, ports: [port] }) => {
    port.postMessage(await runCheck(data.kind, data.name));
  });
  postMessage('ready');
}
