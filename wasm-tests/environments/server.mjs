// A server that notes what is downloaded: files of folders, or what another server behind it answers.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { extname, join } from 'node:path';
import { pathOf } from '../../tools/lib/static-files.mjs';

const TYPES = {
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript;charset=utf-8',
  '.wasm': 'application/wasm',
};
const ANY_TYPE = 'application/octet-stream';

/** What a path is answered with from a folder. */
async function fileAt(folder, path, types) {
  const name = path.endsWith('/') ? `${path}index.html` : path;
  const body = await readFile(join(folder, name)).catch(() => null);
  if (body === null) return { status: 404, headers: {}, body: Buffer.from('not found') };
  const type = types[extname(name)] ?? TYPES[extname(name)] ?? ANY_TYPE;
  return { status: 200, headers: { 'Content-Type': type }, body };
}

/** What a server behind this one answers. */
async function answerOf(upstream, request) {
  const { method, url, headers } = request;
  const { accept = '*/*' } = headers;
  const response = await fetch(new URL(url, upstream), { method, headers: { accept }, redirect: 'manual' });
  const type = response.headers.get('content-type') ?? ANY_TYPE;
  return {
    status: response.status,
    headers: { 'Content-Type': type },
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/**
 * @typedef {object} Download
 * @property {string} path
 * @property {number} status
 * @property {Buffer} body as it was before any compression
 */

/**
 * Starts the server on this machine's loopback address.
 *
 * @param {object} options
 * @param {Record<string, string>} [options.folders] by the path that they are served at, with a slash at both ends
 * @param {string} [options.upstream] the address of a server that is asked for everything else
 * @param {(path: string) => Record<string, string>} [options.headersOf] what a path is sent with
 * @param {Record<string, string>} [options.types] content types by extension, where they are not the usual ones
 * @returns {Promise<{ url: string, downloads: Download[], close(): void }>} its address, which ends in a slash
 */
export async function serve({ folders = {}, upstream, headersOf = () => ({}), types = {} }) {
  const downloads = [];
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    try {
      const { path = '/' } = pathOf(request.url);
      const prefix = prefixes.find((each) => path.startsWith(each));
      const answer =
        prefix === undefined
          ? await answerOf(upstream, request)
          : await fileAt(folders[prefix], path.slice(prefix.length - 1), types);
      downloads.push({ path, status: answer.status, body: answer.body });
      const headers = { ...answer.headers, 'Cache-Control': 'no-store', ...headersOf(path) };
      response.writeHead(answer.status, headers);
      response.end(answer.body);
    } catch (error) {
      response.writeHead(500);
      response.end(String(error));
    }
  });
  // Development servers tell their pages of changes through a socket.
  server.on('upgrade', (request, socket, head) => {
    if (upstream === undefined) return socket.destroy();
    const { hostname, port, host } = new URL(upstream);
    const behind = connect(Number(port), hostname, () => {
      const headers = Object.entries({ ...request.headers, host, origin: new URL(upstream).origin });
      const lines = [`GET ${request.url} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
      behind.write(`${lines.join('\r\n')}\r\n\r\n`);
      behind.write(head);
      socket.pipe(behind).pipe(socket);
    });
    for (const end of [socket, behind]) {
      end.on('error', () => {});
      end.on('close', () => {
        socket.destroy();
        behind.destroy();
      });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    downloads,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
