import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import { badOption, readGiven, show } from './option-checks.js';
import { readList } from './token-ids.js';

/** Deeper values are no messages, and would take a stack of their own to read. */
const MOST_DEPTH = 64;

/** Values of all messages and tools together, so that what refers to itself ends somewhere. */
const MOST_VALUES = 1_000_000;

/**
 * Copies the messages of a chat, with each content as one text.
 *
 * @throws SottoError 'bad-option' for what is none, with its place
 */
export function resolveMessages(given: unknown, name = 'messages'): ChatMessage[] {
  const list = readList(given, name, 'an array of messages, each { role, content }');
  return list.map((message, index) => resolveMessage(message, `${name}[${index}]`));
}

function resolveMessage(given: unknown, name: string): ChatMessage {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw badOption(name, given, "an object, such as { role: 'user', content: 'Hello' }");
  }
  const message = plainCopy(given, name) as Record<string, unknown>;
  if (typeof message.role !== 'string' || message.role === '') {
    throw badOption(`${name}.role`, message.role, "a string: 'system', 'user', 'assistant' or 'tool'");
  }
  const content = contentText(message.content, `${name}.content`);
  const hasCalls = Array.isArray(message.tool_calls) && message.tool_calls.length > 0;
  if (message.tool_calls !== undefined && !Array.isArray(message.tool_calls)) {
    throw badOption(`${name}.tool_calls`, message.tool_calls, 'an array of calls');
  }
  if (content === null && !hasCalls) {
    throw badOption(`${name}.content`, message.content, 'a string, or an array of parts { type, text }');
  }
  const calls = hasCalls ? { tool_calls: (message.tool_calls as unknown[]).map(withArguments) } : {};
  return { ...message, role: message.role, content: content ?? '', ...calls };
}

/** Null where there is none. */
function contentText(content: unknown, name: string): string | null {
  if (content === undefined || content === null) return null;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    throw badOption(name, content, 'a string, or an array of parts { type, text }');
  const texts = content.map((part, index) => {
    const { type, text } = Object(part) as { type?: unknown; text?: unknown };
    if (type === 'text' && typeof text === 'string') return text;
    const advice = "{ type: 'text', text }: this version of sotto reads no pictures, sounds or files";
    throw badOption(`${name}[${index}]`, type ?? part, advice);
  });
  return texts.join('');
}

/** Templates want the arguments as an object; OpenAI's messages have them as JSON. What is none stays what it is. */
function withArguments(call: unknown): unknown {
  const { function: called } = Object(call) as { function?: { arguments?: unknown } };
  if (typeof called?.arguments !== 'string') return call;
  try {
    return { ...(call as object), function: { ...called, arguments: JSON.parse(called.arguments) } };
  } catch {
    return call;
  }
}

/**
 * A copy of what JSON can say; what is undefined is left out.
 *
 * @throws SottoError 'bad-option' for anything else: functions, classes, numbers that are none, circles
 */
export function plainCopy(given: unknown, name: string): unknown {
  let nLeft = MOST_VALUES;
  const copy = (value: unknown, place: string, depth: number): unknown => {
    if (--nLeft < 0) throw new SottoError('bad-option', `${name} holds more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) {
      throw new SottoError('bad-option', `${name} is more than ${MOST_DEPTH} levels deep, or holds itself`);
    }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (Array.isArray(value)) {
      return readList(value, place, 'an array').map((item, index) =>
        copy(item ?? null, `${place}[${index}]`, depth + 1),
      );
    }
    if (typeof value !== 'object')
      throw badOption(place, value, 'text, a number, true, false, null, a list or an object');
    const entries: [string, unknown][] = [];
    for (const key of Object.keys(value)) {
      const item: unknown = (value as Record<string, unknown>)[key];
      if (item !== undefined) entries.push([key, copy(item, `${place}.${key.slice(0, 40)}`, depth + 1)]);
    }
    return Object.fromEntries(entries);
  };
  return readGiven(name, () => copy(given, name, 0));
}

/** What is meant by one message, several, or the text of a user's. @throws SottoError 'bad-option' */
export function resolveNewMessages(given: unknown): ChatMessage[] {
  if (typeof given === 'string') return [{ role: 'user', content: given }];
  if (typeof given === 'object' && given !== null && !Array.isArray(given) && 'role' in given) {
    return [resolveMessage(given, 'message')];
  }
  if (typeof given === 'object' && given !== null) return resolveMessages(given);
  throw new SottoError(
    'bad-option',
    `messages is ${show(given)}; it must be a message { role, content }, an array of them, or a user's text`,
  );
}
