// Which models are being downloaded, in this tab and in others, and which download was cut off when its page was closed.

const LOCK = 'sotto-demo-download ';
const CUT = 'sotto-demo-download';

/**
 * Lets other tabs know of a download while `work` runs.
 *
 * @param {string} name what the model is kept by
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @template T
 */
export function tellOthers(name, work) {
  // Pages that did not come over https have no locks.
  return navigator.locks?.request(`${LOCK}${name}`, { mode: 'shared' }, work) ?? work();
}

/** Whether any tab is downloading the model, or any where it is null. */
export async function isDownloading(name) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some((lock) => lock.name.startsWith(LOCK) && (name === null || lock.name === `${LOCK}${name}`));
}

/** What `remember` was told last, by this page or one before it; null where nothing was. */
export function cutDownload() {
  try {
    return localStorage.getItem(CUT);
  } catch {
    return null; // a browser that lets nothing be kept
  }
}

/** @param {string | null} typed what a download is chosen by, for the page after a reload; null: there is none any more */
export function remember(typed) {
  try {
    if (typed === null) localStorage.removeItem(CUT);
    else localStorage.setItem(CUT, typed);
  } catch {
    // Then the next page does not know of it.
  }
}

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('sotto-demo-kept') : null;

/** Tells the other tabs that what is kept has changed. */
export const tellOfChange = () => channel?.postMessage('changed');

export function onChangeElsewhere(act) {
  channel?.addEventListener('message', act);
}
