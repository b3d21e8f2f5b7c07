import { isObject } from '../base/json.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import type { CallType, FreeCallType, Request, RequestBody, Response, ResponseBody } from './protocol.js';
import type { WireError } from './wire-error.js';

/**
 * What our messages carry as `sotto`, and no others: a worker of the user's own says other things as well. It goes up when
 * the protocol changes, as a page and a worker's script out of a cache may be of two releases.
 */
export const PROTOCOL_VERSION = 4;

const CALL_TYPES: Readonly<Record<CallType, true>> = {
  load: true,
  estimate: true,
  generate: true,
  score: true,
  encode: true,
  decode: true,
  applyChatTemplate: true,
  memory: true,
  createSession: true,
  restoreSession: true,
  append: true,
  truncate: true,
  fork: true,
  tokens: true,
  messages: true,
  setMessages: true,
  logits: true,
  kv: true,
  tap: true,
  taps: true,
  save: true,
  disposeSession: true,
};

/** Marks a message as ours. */
export function toMessage<Body extends RequestBody | ResponseBody>(body: Body): Body & { sotto: number } {
  return { sotto: PROTOCOL_VERSION, ...body };
}

/** Whether a message, which may be anything, is a request to the worker. */
export function isRequest(message: unknown): message is Request {
  if (!isOurs(message) || message.sotto !== PROTOCOL_VERSION) return false;
  if (message.type === 'abort') return Number.isInteger(message.part);
  if (message.type === 'answer') return Number.isInteger(message.part) && typeof message.answer === 'boolean';
  if (message.type === 'drop' || message.type === 'hello') return true;
  if (!isFreeCall(message.type) && !Number.isSafeInteger(message.model)) return false;
  return Object.hasOwn(CALL_TYPES, message.type) && isObject(message.params);
}

/** Whether a call is about no model that is there already. */
export function isFreeCall(type: string): type is FreeCallType {
  return type === 'load' || type === 'estimate';
}

/** Whether a message, which may be anything, is an answer of the worker; whether anybody waits for it is another question. */
export function isResponse(message: unknown): message is Response {
  if (!isOurs(message) || message.sotto !== PROTOCOL_VERSION) return false;
  if (message.type === 'event') return isObject(message.event);
  if (message.type === 'ready') return true;
  return message.type === 'result' || (message.type === 'failed' && isWireError(message.error));
}

/** Whether a message is one of another release, which has no answer to it but this. */
export function isOfOtherRelease(message: unknown): message is { id: number } {
  return isOurs(message) && message.sotto !== PROTOCOL_VERSION;
}

/** The error for a message that cannot be sent: structured clone refuses it, or has no memory for it. */
export function cannotSend(what: string, cause: unknown): SottoError {
  const detail = messageOf(cause);
  if (/memory|allocat/i.test(detail)) {
    return new SottoError('out-of-memory', `there is no memory to send ${what} (${detail})`, { cause });
  }
  return new SottoError('unsupported-environment', `${what} could not be sent (${detail})`, { cause });
}

interface Ours extends Record<string, unknown> {
  sotto: number;
  type: string;
  id: number;
}

function isOurs(message: unknown): message is Ours {
  if (!isObject(message)) return false;
  return (
    typeof message.sotto === 'number' && typeof message.type === 'string' && Number.isSafeInteger(message.id)
  );
}

function isWireError(error: unknown): error is WireError {
  return isObject(error) && typeof error.name === 'string' && typeof error.message === 'string';
}
