import {
  ENTRY_NOT_FOUND,
  RATE_LIMIT_MESSAGE,
  rateLimited,
  refuse,
  sendDenied,
  sendText,
  UNAUTHORIZED,
} from './answers.mjs';
import { closed, sendUnsatisfiable } from './send-content.mjs';

const MESSAGES = {
  408: 'Request Timeout',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const HTML = '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>';

const SENDERS = {
  status: sendStatus,
  reset: ({ request }) => request.socket.destroy(),
  hang: ({ response }) => closed(response),
  'json-error': (exchange) => {
    const type = { 'content-type': 'application/json; charset=utf-8' };
    sendText(exchange, 200, JSON.stringify({ error: RATE_LIMIT_MESSAGE }), type);
  },
  html: (exchange) => sendText(exchange, 200, HTML, { 'content-type': 'text/html; charset=utf-8' }),
  'redirect-loop': (exchange) => {
    const { pathname, searchParams } = exchange.url;
    searchParams.set('redirect-loop', Number(searchParams.get('redirect-loop') ?? 0) + 1);
    const location = `${pathname}?${searchParams}`;
    sendText(exchange, 302, `Found. Redirecting to ${location}`, { location });
  },
  416: (exchange) => sendUnsatisfiable(exchange, exchange.file?.size ?? 0),
  case: (exchange) => refuse(exchange, ENTRY_NOT_FOUND),
  expired: (exchange) => sendDenied(exchange, 403, 'Request has expired'),
};

/** Answers as the fault says that replaces the exchange's answer. @returns Whether there is one; or its promise. */
export async function sendFault(exchange) {
  const fault = exchange.faults.find(({ kind }) => kind in SENDERS);
  if (fault === undefined) return false;
  await SENDERS[fault.kind](exchange, fault);
  return true;
}

function sendStatus(exchange, { status, retryAfter, rateLimitT, code, message, headers }) {
  const all = { ...headers };
  if (retryAfter !== undefined) all['retry-after'] = String(retryAfter);
  const refusal = { status, code, message: message ?? MESSAGES[status] ?? `HTTP ${status}`, headers: all };
  if (exchange.origin === 'cdn') {
    if (status === 403) return sendDenied(exchange, status, refusal.message);
    return sendText(exchange, status, refusal.message, all);
  }
  const usual = usualRefusal(exchange, status, rateLimitT);
  refuse(exchange, {
    ...refusal,
    code: code ?? usual?.code,
    message: message ?? usual?.message ?? refusal.message,
    headers: { ...usual?.headers, ...all },
  });
}

/** What the hub means by a status when it sends it by itself. */
function usualRefusal({ isApi }, status, seconds) {
  if (status === 401) return UNAUTHORIZED;
  if (status === 404) return ENTRY_NOT_FOUND;
  if (status !== 429) return undefined;
  if (seconds !== undefined) return rateLimited(isApi ? 'api' : 'resolvers', seconds);
  return { message: RATE_LIMIT_MESSAGE };
}
