import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Serves on localhost until the test ends.
 *
 * @param t The test's context, or an object with `after`.
 * @param handle (request, response, url) => void
 * @returns The address, without a slash at the end.
 */
export async function serve(t, handle) {
  const server = createServer((request, response) => {
    handle(request, response, new URL(request.url, 'http://localhost'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A handler that serves files by name below /models/, or parts of them where it is told to. */
export function filesHandler(files, { ranges = false } = {}) {
  return (request, response, url) => {
    const path = decodeURIComponent(url.pathname);
    const bytes = path.startsWith('/models/') ? files[path.slice('/models/'.length)] : undefined;
    if (bytes === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>not found</h1>');
    } else if (ranges && request.headers.range !== undefined) {
      const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range)[1]);
      const headers = {
        'content-length': bytes.length - begin,
        'content-range': `bytes ${begin}-${bytes.length - 1}/${bytes.length}`,
      };
      response.writeHead(206, headers).end(bytes.subarray(begin));
    } else {
      if (ranges) response.setHeader('accept-ranges', 'bytes');
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }
  };
}
