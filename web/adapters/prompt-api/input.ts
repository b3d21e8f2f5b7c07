import type { ChatMessage } from '../../results/chat-message.js';
import { domException } from './errors.js';
import type { PromptContentType, PromptRole } from './types.js';

const ROLES: readonly PromptRole[] = ['system', 'user', 'assistant'];
const TYPES: readonly PromptContentType[] = ['text', 'image', 'audio', 'tool-call', 'tool-response'];

/** Messages in the form of our chats. */
export interface ReadInput {
  messages: ChatMessage[];
  /** Whether the answer goes on with the last of them. */
  isPrefixed: boolean;
}

/**
 * Reads what a caller gives as a prompt, as WebIDL and the draft do.
 *
 * @param mayBegin Whether nothing stands before, so that the first message may be the system's.
 * @throws TypeError for what is no message; DOMException 'NotSupportedError', 'SyntaxError'
 */
export function readInput(given: unknown, mayBegin: boolean): ReadInput {
  if (!isSequence(given)) return { messages: [{ role: 'user', content: String(given) }], isPrefixed: false };
  const list = [...given];
  if (list.length === 0) return { messages: [{ role: 'user', content: '' }], isPrefixed: false };
  let isPrefixed = false;
  const messages = list.map((item, index) => {
    const place = `message ${index}`;
    const { role, content, prefix } = readMessage(item, place);
    if (role === 'system' && !(mayBegin && index === 0)) {
      throw new TypeError(
        `${place} has the role 'system', which only the first message of a session may have`,
      );
    }
    if (prefix && (role !== 'assistant' || index < list.length - 1)) {
      const problem = "has a prefix, which only the last message may have, and only an assistant's";
      throw domException('SyntaxError', `${place} ${problem}`);
    }
    isPrefixed = prefix;
    return { role, content };
  });
  return { messages, isPrefixed };
}

function isSequence(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function readMessage(given: unknown, place: string): { role: string; content: string; prefix: boolean } {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${place} is ${String(given)}; it must be { role, content }`);
  }
  const { role, content, prefix } = given as Record<string, unknown>;
  if (!ROLES.includes(role as PromptRole)) {
    throw new TypeError(`${place} has the role ${String(role)}; it must be one of ${ROLES.join(', ')}`);
  }
  if (content === undefined) throw new TypeError(`${place} has no content`);
  const text = isSequence(content)
    ? [...content].map((part) => readPart(part, place)).join('')
    : String(content);
  return { role: role as PromptRole, content: text, prefix: Boolean(prefix) };
}

function readPart(given: unknown, place: string): string {
  const { type, value } = Object(given) as Record<string, unknown>;
  if (!TYPES.includes(type as PromptContentType)) {
    throw new TypeError(
      `${place} has content of type ${String(type)}; it must be one of ${TYPES.join(', ')}`,
    );
  }
  if (type !== 'text') {
    throw domException(
      'NotSupportedError',
      `${place} has content of type ${String(type)}; models that run here read text only`,
    );
  }
  if (typeof value === 'string') return value;
  throw new TypeError(`${place} has content of type text whose value is no string`);
}
