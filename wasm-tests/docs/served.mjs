// Pages with the two packages beside them, and the CDN and the hub that pages look for.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { answer, pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { textOf } from '../project/repository.mjs';
import { manifestOf, PACKAGES } from './installed.mjs';

const TYPES = { js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' };

/** Where a bundler or an import map finds the packages on the server of `servePage`. */
export const IMPORT_MAP = { sotto: '/sotto/dist/index.js', 'sotto-tiny-stories': '/stories/index.js' };

/**
 * Serves a page at /, and the packages beside it.
 *
 * @param {import('node:test').TestContext} t it ends with this test
 * @param {string} html
 * @param {object} [host]
 * @param {Record<string, string | Uint8Array>} [host.files] beside the page, by their path, which begins with a slash
 * @param {(path: string) => Record<string, string>} [host.headersOf] what a path is sent with
 * @param {() => boolean} [host.isDown] whether nobody answers
 * @returns {Promise<string>} the page's address
 */
export async function servePage(t, html, { files = {}, headersOf = () => ({}), isDown = () => false } = {}) {
  const folders = {
    '/sotto/': staticFiles(PACKAGES.sotto),
    '/stories/': staticFiles(PACKAGES['sotto-tiny-stories']),
  };
  const server = createServer((request, response) => {
    if (isDown()) return response.destroy();
    const { path } = pathOf(request.url);
    for (const [name, value] of Object.entries(headersOf(path))) response.setHeader(name, value);
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html;charset=utf-8');
      return response.end(html);
    }
    if (path in files) {
      const type = TYPES[path.split('.').at(-1)] ?? 'application/octet-stream';
      response.setHeader('Content-Type', type);
      return response.end(files[path]);
    }
    const prefix = Object.keys(folders).find((each) => path.startsWith(each));
    if (prefix === undefined) return answer(response, path === '/favicon.ico' ? 204 : 404);
    return folders[prefix](request, response, path.slice(prefix.length - 1));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

/** A page that runs a module as Vite and the like would: bare names lead to the packages. */
export const pageOf = (code) => `<!doctype html><meta charset="utf-8"><body>
<script type="importmap">${JSON.stringify({ imports: IMPORT_MAP })}</script>
<script type="module">${code}</script>`;

/** The CDN whose addresses README.md shows. */
const [CDN] = /https:\/\/[^\s/]+\/npm\//.exec(textOf('README.md'));

/** What a CDN sends for an address: the published file of that very version, or 404. */
function cdnFile(url) {
  const [, name, version, path] = /^([\w-]+)@([^/]+)\/(.+)$/.exec(url.slice(CDN.length)) ?? [];
  const manifest = name in PACKAGES ? manifestOf(name) : null;
  const isPublished = (file) =>
    manifest.files.some((each) => new RegExp(`^${each.replace('*', '[^/]*')}(?:/|$)`).test(file));
  if (manifest?.version !== version || !isPublished(path)) return { status: 404, body: `no ${url}` };
  return {
    status: 200,
    body: readFileSync(PACKAGES[name] + path),
    contentType: TYPES[path.split('.').at(-1)] ?? 'application/octet-stream',
    headers: { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' },
  };
}

/**
 * Puts the CDN and the hub where a page looks for them.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {{ endpoint: string }} [hub] of hub-server.mjs
 */
export async function connect(context, hub) {
  await context.route(`${CDN}**`, (route) => route.fulfill(cdnFile(route.request().url())));
  if (hub === undefined) return;
  await context.route('https://huggingface.co/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const response = await fetch(`${hub.endpoint}${pathname}${search}`, {
      headers: { ...route.request().headers(), origin: 'http://127.0.0.1', 'accept-encoding': 'identity' },
    });
    const headers = Object.fromEntries(response.headers);
    delete headers['content-encoding'];
    await route.fulfill({
      status: response.status,
      headers: { ...headers, 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' },
      body: Buffer.from(await response.arrayBuffer()),
    });
  });
}
