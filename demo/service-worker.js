// Keeps the page's own files, its own model among them, so that it works without a connection. What visitors choose is the
// library's to keep.
//
// Each time the page is opened it comes from the network, and with it the list of its files with their hashes. A file
// whose hash is known never changes and comes from the cache; so old and new files are never mixed. Without a
// connection the page and the list are those of the time before. A tab goes by the list that it was opened with: what it
// asks for later is of its own release, also when a newer one was opened beside it.

const CACHE = 'sotto-page';
const ROOT = new URL('./', location).href;
const LIST = new URL('page-files.json', ROOT).href;
const PATIENCE_MS = 5000;
const AT_ONCE = 6;

/** The hashes of the files of the page that was opened last, by their paths. */
let files = keptList();
/** Those of each tab, by its client's id; they are kept as lists, too, as this worker may sleep and forget. */
const filesOfTabs = new Map();
/** The tabs of workers, both by their clients' ids. */
const tabsOfWorkers = new Map();

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { method, url, mode, headers } = event.request;
  if (method !== 'GET' || !url.startsWith(ROOT) || headers.has('range')) return;
  const path = url.slice(ROOT.length).split(/[?#]/, 1)[0];
  if (mode === 'navigate') {
    if (path === '' || path === 'index.html') event.respondWith(openPage(event));
  } else if (/\.(css|js|json|png|safetensors|svg|wasm|webmanifest)$/.test(path)) {
    event.respondWith(answerFile(event, path));
  }
});

addEventListener('message', (event) => {
  const { keep } = event.data;
  if (Array.isArray(keep))
    event.waitUntil(
      keepAll(keep).then(async (isOfflineReady) => {
        if (!(await ownFilesOf(event.source.id))) await setFilesOf(event.source.id, files); // its first visit
        event.source.postMessage({ isOfflineReady });
      }),
    );
});

async function openPage(event) {
  const page = await pageOf(event);
  event.waitUntil(setFilesOf(event.resultingClientId, files).catch(() => {}));
  return page;
}

async function pageOf(event) {
  const list = soon(fetchFresh(LIST));
  files = list.then(hashesOf).catch(() => ({}));
  const coming = fetch(event.request);
  try {
    const page = await soon(coming);
    if (page.status >= 500) throw new Error(page.statusText);
    if (page.ok && !page.redirected) {
      const keeping = keepPage(page.clone(), list).catch(() => {});
      event.waitUntil(keeping);
      files = keeping
        .then(() => list)
        .then(hashesOf)
        .catch(() => ({}));
    }
    return page;
  } catch {
    const kept = await (await caches.open(CACHE)).match(ROOT);
    if (kept === undefined) return coming;
    files = keptList();
    return kept;
  }
}

/** The page and its list belong together. */
async function keepPage(page, fetchingList) {
  const list = (await fetchingList).clone();
  if (!list.ok) throw new Error('there is no list');
  const before = await (await caches.open(CACHE)).match(ROOT);
  // Files are kept with their headers, and a page that is isolated takes only scripts that are.
  if (before !== undefined && embedderPolicy(before) !== embedderPolicy(page)) await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await Promise.all([cache.put(ROOT, page), cache.put(LIST, list)]);
}

async function answerFile(event, path) {
  if (event.resultingClientId) tabsOfWorkers.set(event.resultingClientId, event.clientId);
  const hash = (await filesOf(event.clientId))[path];
  if (hash === undefined) return fetch(event.request);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(keyOf(path, hash));
  if (kept !== undefined) return kept;
  const response = await fetchFresh(new URL(path, ROOT).href);
  event.waitUntil(keepFile(cache, path, hash, response.clone()).catch(() => {}));
  return response;
}

/** Fetches what is not kept yet, and lets go of what is no longer in the list. @returns Whether all is there. */
async function keepAll(wanted) {
  const cache = await caches.open(CACHE);
  if ((await cache.match(ROOT)) === undefined) {
    await keepPage(await fetchFresh(ROOT), fetchFresh(LIST));
    files = keptList();
  }
  const all = Object.entries(await files);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const isWanted = (path) => !path.startsWith('sotto/wasm/') || wanted.includes(path);
  const missing = all.filter(([path, hash]) => isWanted(path) && !kept.has(keyOf(path, hash)));
  let isWhole = true;
  const work = async () => {
    for (let next = missing.pop(); next !== undefined; next = missing.pop()) {
      const [path, hash] = next;
      const isKept = fetchFresh(new URL(path, ROOT).href).then((file) => keepFile(cache, path, hash, file));
      if (!(await isKept.catch(() => false))) isWhole = false;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await letGo(cache, kept, all);
  return isWhole;
}

/** Deletes what is in no list any more, neither in the newest nor in one of an open tab. */
async function letGo(cache, kept, newest) {
  const open = await clients.matchAll({ includeUncontrolled: true });
  const lists = await Promise.all(open.map(({ id }) => filesOf(id)));
  const all = [newest, ...lists.map(Object.entries)].flat();
  const current = new Set([ROOT, LIST, ...open.map(({ id }) => listOf(id))]);
  for (const [path, hash] of all) current.add(keyOf(path, hash));
  await Promise.all([...kept].filter((url) => !current.has(url)).map((url) => cache.delete(url)));
}

/** The hashes that a tab or a worker of it goes by: its own, or the newest where nothing is known of it. */
async function filesOf(id) {
  return (await ownFilesOf(tabsOfWorkers.get(id) ?? id)) ?? files;
}

async function ownFilesOf(id) {
  return filesOfTabs.get(id) ?? (await (await caches.open(CACHE)).match(listOf(id)))?.json();
}

async function setFilesOf(id, hashes) {
  filesOfTabs.set(id, hashes);
  await (await caches.open(CACHE)).put(listOf(id), new Response(JSON.stringify(await hashes)));
}

/** A file that is not what the list says is of another release: it is not kept. */
async function keepFile(cache, path, hash, response) {
  if (!response.ok) return false;
  const digest = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!hex.startsWith(hash)) return false;
  await cache.put(keyOf(path, hash), response);
  return true;
}

async function keptList() {
  const list = await (await caches.open(CACHE)).match(LIST);
  return list === undefined ? {} : list.json();
}

const listOf = (id) => `${LIST}?of=${id}`;
const keyOf = (path, hash) => new URL(`${path}?${hash}`, ROOT).href;
const embedderPolicy = ({ headers }) => headers.get('cross-origin-embedder-policy');
const fetchFresh = (url) => fetch(url, { cache: 'no-cache' });
const hashesOf = (list) => (list.ok ? list.clone().json() : {});

/** A connection that gives nothing for long counts as none. */
function soon(answer) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error('no answer')));
  return Promise.race([answer, late]);
}
