// Projects and pages that have the two packages as a stranger has them: installed, from a CDN, with models on the hub.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { answer, pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { root, textOf } from '../project/repository.mjs';

/** Where the packages' files lie, as they are published. */
export const PACKAGES = { sotto: root, 'sotto-tiny-stories': `${root}demo/models/tiny-stories/` };

const manifestOf = (name) => JSON.parse(readFileSync(`${PACKAGES[name]}package.json`, 'utf8'));

/**
 * An empty project with both packages in its node_modules, until `t` ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} [files] to write, by name
 * @returns {string} its folder
 */
export function projectFor(t, files = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  for (const [name, path] of Object.entries(PACKAGES)) {
    symlinkSync(path, join(folder, 'node_modules', name), 'junction');
  }
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  writeFiles(folder, files);
  return folder;
}

/** Writes files by their path in a folder. */
export function writeFiles(folder, files) {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
}

/** Puts packages that this project is made with into another's node_modules, by the name that they have there. */
export function linkPackages(folder, packages) {
  for (const [name, from] of Object.entries(packages))
    symlinkSync(`${root}node_modules/${from}`, join(folder, 'node_modules', name), 'junction');
}

const TYPES = { js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' };

/** Where a bundler or an import map finds the packages on the server of `servePage`. */
export const IMPORT_MAP = { sotto: '/sotto/dist/index.js', 'sotto-tiny-stories': '/stories/index.js' };

/**
 * Serves a page at /, and the packages beside it.
 *
 * @param {import('node:test').TestContext} t it ends with this test
 * @param {string} html
 * @param {Record<string, string>} [headers] sent with everything
 * @param {Record<string, string | Buffer>} [files] beside the page, by their path, which begins with a slash
 * @returns {Promise<string>} the page's address
 */
export async function servePage(t, html, headers = {}, files = {}) {
  const folders = {
    '/sotto/': staticFiles(PACKAGES.sotto),
    '/stories/': staticFiles(PACKAGES['sotto-tiny-stories']),
  };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { path } = pathOf(request.url);
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
