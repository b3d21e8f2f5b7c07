import { sendDenied, sendText } from './answers.mjs';
import { sendContent } from './send-content.mjs';

/** Answers a request to the CDN: the address is signed, for a time. */
export async function answerCdn(exchange) {
  const { hub, url, file } = exchange;
  const signed = hub.signed.get(url.searchParams.get('sig'));
  const isOurs = signed?.pathname === url.pathname && String(signed.end) === url.searchParams.get('exp');
  if (!isOurs) return sendDenied(exchange, 403, 'The signature does not match');
  if (hub.clock.now() >= signed.end) return sendDenied(exchange, 403, 'Request has expired');
  const headers = { 'content-type': 'application/octet-stream' };
  if (url.searchParams.has('response-content-disposition')) headers['content-disposition'] = 'attachment';
  return sendContent(exchange, file, { headers, etag: file.cdnEtag });
}

const NOT_FOUND = '<!doctype html><html><body><h1>404 Not Found</h1></body></html>';

/** Answers as a server of plain files whose folders are laid out as the hub's addresses: there is no API. */
export async function answerStatic(exchange) {
  const { file } = exchange;
  if (file === null) return sendText(exchange, 404, NOT_FOUND, { 'content-type': 'text/html' });
  return sendContent(exchange, file, {
    headers: {
      'content-type': /\.json$/.test(exchange.route.path) ? 'application/json' : 'application/octet-stream',
      'last-modified': file.modified.toUTCString(),
    },
    etag: `"${(file.modified.getTime() / 1000).toString(16)}-${file.size.toString(16)}"`,
  });
}
