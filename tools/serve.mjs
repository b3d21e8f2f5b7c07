// npm start, after the build: serves the demo at / and the package at /sotto/, as any static host would, with the
// headers of cross-origin isolation unless it is told `--no-isolation`.
import './setup.mjs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { main, UserError } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';
import { LIST, pageFiles } from './lib/page-files.mjs';
import { answer, pathOf, staticFiles } from './lib/static-files.mjs';

const FIRST_PORT = 8080;
const PORTS_TRIED = 100;

/** Threads and shared memory exist only in pages that come with these. */
const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Listens on `port`, or says that it is taken. */
function tryToListen(server, port) {
  return new Promise((resolve, reject) => {
    const fail = (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error));
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      resolve(true);
    });
  });
}

/** Which folder of the repository is served below which path; the documentation where `npm run site` has made it. */
const FOLDERS = { '/': 'demo', '/sotto/': 'dist', '/docs/': 'site/docs' };

/** What the demo's service worker asks for: the list of files as they are now. */
async function sendList(_request, response) {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(await pageFiles()));
}

/**
 * Starts the server on this machine's loopback address.
 *
 * @param {{ port?: number, isolation?: boolean, folders?: Record<string, string>, routes?: Record<string, RequestListener> }}
 *   [options] `port`: by default the first
 *   free one from 8080 on; 0: any. `isolation` (default true): send the headers of cross-origin isolation. `folders`: more
 *   of the repository's folders by the path that they are served at, which has a slash at both ends. `routes`: functions
 *   that answer requests, by such a path
 * @returns {Promise<{ url: string, close(): Promise<void> }>} its address, which ends in a slash
 */
export async function startServer({ port, isolation = true, folders = {}, routes = {} } = {}) {
  const served = Object.entries({ ...folders, ...FOLDERS }).map(([path, folder]) => [
    path,
    staticFiles(inRepository(folder)),
  ]);
  const handlers = [...served, ...Object.entries({ [`/${LIST}`]: sendList, ...routes })]
    .map(([path, serve]) => ({ path, serve }))
    .sort((a, b) => b.path.length - a.path.length);
  const handle = async (request, response) => {
    if (isolation)
      for (const [name, value] of Object.entries(ISOLATION_HEADERS)) response.setHeader(name, value);
    const { path, status } = pathOf(request.url);
    if (path === undefined) return answer(response, status);
    const handler = handlers.find((each) => path.startsWith(each.path));
    const rest = handler.path.length - 1;
    request.url = request.url.slice(rest);
    await handler.serve(request, response, path.slice(rest));
  };
  const server = createServer((request, response) => {
    // Whatever a handler does, the server lives on, and the request gets an answer.
    handle(request, response).catch((error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else answer(response, 500);
    });
  });
  const candidates =
    port === undefined ? Array.from({ length: PORTS_TRIED }, (_, i) => FIRST_PORT + i) : [port];
  for (const candidate of candidates) {
    if (!(await tryToListen(server, candidate))) continue;
    return {
      url: `http://127.0.0.1:${server.address().port}/`,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  }
  throw new UserError(`No free port: tried ${candidates[0]} to ${candidates.at(-1)}.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const { url } = await startServer({ isolation: !process.argv.includes('--no-isolation') });
    console.log(`\nThe demo is at ${url}   (Ctrl+C ends it)`);
  });
}
