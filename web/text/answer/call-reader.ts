import type { ToolCall } from '../../results/chat-message.js';
import { parseCalls } from './call-bodies.js';
import type { KnownTool } from './text-arguments.js';
import type { CallBody } from './tool-call-syntaxes.js';

/** More than a call of a tool is; in UTF-16 units. */
export const MAX_CALL_LENGTH = 2 ** 20;

/** More than the name before a separator is. */
const MAX_HEAD_LENGTH = 512;

/** The calls of a body, or why there are none. */
export type CallResult = { calls: ToolCall[] } | { reason: string };

/** Follows quotes and brackets of JSON or Python, character by character. */
class ValueScanner {
  isInString = false;
  /** Whether a value with brackets has ended. */
  isComplete = false;
  /** Whether a bracket is open. */
  get isInValue(): boolean {
    return this.#depth > 0;
  }

  readonly #quotes: string;
  #quote = '';
  #isEscaped = false;
  #depth = 0;

  constructor(quotes: string) {
    this.#quotes = quotes;
  }

  push(character: string): void {
    if (this.isInString) this.#pushInString(character);
    else if (this.#quotes.includes(character)) {
      this.isInString = true;
      this.#quote = character;
    } else if (character === '{' || character === '[' || character === '(') this.#depth++;
    else if (character === '}' || character === ']' || character === ')') {
      if (--this.#depth <= 0) this.isComplete = true;
    }
  }

  #pushInString(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === '\\') this.#isEscaped = true;
    // A line end is in no string: a quote is missing. So a broken string goes no further than its line.
    else if (character === this.#quote || character === '\n') this.isInString = false;
  }
}

/** Gathers one call, or one list of calls, from behind its begin marker on. */
export class CallReader {
  readonly #body: CallBody;
  readonly #endsWithValue: boolean;
  readonly #opening: string;
  readonly #tools: readonly KnownTool[];
  readonly #pieces: string[] = [];
  readonly #scanner: ValueScanner | null;
  #separatorLeft: string | null; // what must still come before the value begins
  #head = '';
  #hasNoValue = false;
  #length = 0;

  /**
   * @param opening The begin marker as written.
   * @param tools Those that may be called.
   */
  constructor(body: CallBody, endsWithValue: boolean, opening: string, tools: readonly KnownTool[] = []) {
    this.#tools = tools;
    this.#body = body;
    this.#endsWithValue = endsWithValue;
    this.#opening = opening;
    const quotes = { json: '"', 'keyed-json': '"', 'named-json': '"', pythonic: '"\'' } as const;
    const { kind } = body;
    this.#scanner = kind in quotes ? new ValueScanner(quotes[kind as keyof typeof quotes]) : null;
    this.#separatorLeft = body.kind === 'named-json' ? body.separator : null;
  }

  get #isCode(): boolean {
    return this.#body.kind === 'pythonic';
  }

  get isComplete(): boolean {
    return this.#endsWithValue && this.#scanner?.isComplete === true;
  }

  /** Why what has come can be no call, whatever follows; null where it can. */
  get failure(): string | null {
    if (this.#length > MAX_CALL_LENGTH) return 'This call is too long.';
    if (this.#endsWithValue && this.#separatorLeft !== null && this.#length > MAX_HEAD_LENGTH) {
      return `This call cannot be read: '${this.#separatorLeft}' is missing.`;
    }
    return this.#hasNoValue ? 'This call cannot be read: neither a list nor an object begins here.' : null;
  }

  /** Whether text is part of a string now, so that an end marker in it is none. */
  get isInString(): boolean {
    return this.#scanner?.isInString ?? false;
  }

  /** Takes text up to `to`, or less when the call is complete or too long. Returns where it stopped. */
  take(text: string, from: number, to: number): number {
    let at = from;
    const end = Math.min(to, from + MAX_CALL_LENGTH + 1 - this.#length);
    if (this.#scanner === null) at = end;
    else
      while (at < end && !this.isComplete && !this.#hasNoValue) this.#scan(text.charAt(at++), this.#scanner);
    this.#pieces.push(text.slice(from, at));
    this.#length += at - from;
    return at;
  }

  /** Takes the text of a special token, or of an end marker that is none. */
  takeWhole(text: string): void {
    if (this.#separatorLeft === text) this.#separatorLeft = null;
    else this.#head = '';
    this.#pieces.push(text);
    this.#length += text.length;
  }

  /** @param closing The end marker as written. */
  written(closing: string): string {
    return this.#opening + this.#pieces.join('') + closing;
  }

  result(): CallResult {
    try {
      return { calls: parseCalls(this.#pieces.join('').trim(), this.#body, this.#tools) };
    } catch (error) {
      return {
        reason: `This call cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      };
    }
  }

  #scan(character: string, scanner: ValueScanner): void {
    if (this.#separatorLeft === null) {
      this.#hasNoValue =
        this.#endsWithValue && !scanner.isInValue && !/[\s[{]/.test(character) && !this.#isCode;
      scanner.push(character);
    } else if (/[[{]/.test(character) && this.#head.trim() === '') {
      // JSON instead of a head
      this.#separatorLeft = null;
      scanner.push(character);
    } else {
      // No more of the head than the separator, and one character that is not white space.
      const separator = this.#separatorLeft;
      const first = this.#head.trim().charAt(0);
      this.#head = first + (this.#head + character).slice(-separator.length);
      if (this.#head.endsWith(separator)) this.#separatorLeft = null;
    }
  }
}
