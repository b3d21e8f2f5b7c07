// Keeps the documentation, so that all of it can be read without a connection. The demo beside it has a worker of its own.
//
// files.json lists the files with their hashes. Each page that is opened asks for all that is new of them; when all is
// there, it takes the place of what was kept before, as one. Pages come from the network as long as it answers.

const ROOT = new URL('./', location).href;
const CACHE = `sotto-docs ${ROOT}`;
const LIST = new URL('files.json', ROOT).href;
const PATIENCE_MS = 5000;
const AT_ONCE = 6;

let isKeeping = false;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { method, url, headers } = event.request;
  if (method !== 'GET' || !url.startsWith(ROOT) || url === LIST || headers.has('range')) return;
  const path = decodeURI(url.slice(ROOT.length).split(/[?#]/, 1)[0]);
  const file = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  event.respondWith(file.startsWith('assets/') ? answerAsset(event, file) : answerPage(event, file));
});

addEventListener('message', (event) => {
  if (event.data !== 'keep' || isKeeping) return;
  isKeeping = true;
  const work = keepAll()
    .catch(() => {}) // without a connection; the next page tries again
    .finally(() => {
      isKeeping = false;
    });
  event.waitUntil(work);
});

/** A file whose name has a hash in it never changes. */
async function answerAsset({ request }, file) {
  return (await keptFile(file)) ?? fetch(request);
}

async function answerPage({ request }, file) {
  const coming = fetch(request);
  try {
    const response = await soon(coming);
    if (response.status < 500) return response;
  } catch {
    // What is kept is better than nothing.
  }
  return (await keptFile(file)) ?? coming;
}

async function keptFile(file) {
  const cache = await caches.open(CACHE);
  const list = await cache.match(LIST);
  const hash = list && (await list.json())[file];
  return hash && cache.match(keyOf(file, hash));
}

/** Fetches what is not kept yet, then lets go of what is no longer in the list. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  const list = await fetchFresh(LIST);
  if (!list.ok) return;
  const files = Object.entries(await list.clone().json());
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = files.filter(([file, hash]) => !kept.has(keyOf(file, hash)));
  const work = async () => {
    for (let next = missing.pop(); next !== undefined; next = missing.pop()) await keepFile(cache, ...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await cache.put(LIST, list);
  const current = new Set([LIST, ...files.map(([file, hash]) => keyOf(file, hash))]);
  await Promise.all([...kept].filter((url) => !current.has(url)).map((url) => cache.delete(url)));
}

/** @throws where the file is not there, or not what the list says: it is of another release then */
async function keepFile(cache, file, hash) {
  const response = await fetchFresh(new URL(file, ROOT).href);
  const digest = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!response.ok || !hex.startsWith(hash)) throw new Error(`${file} is not what the list says`);
  await cache.put(keyOf(file, hash), response);
}

const keyOf = (file, hash) => new URL(`${file}?${hash}`, ROOT).href;
const fetchFresh = (url) => fetch(url, { cache: 'no-cache' });

/** A connection that gives nothing for long counts as none. */
function soon(answer) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error('no answer')));
  return Promise.race([answer, late]);
}
