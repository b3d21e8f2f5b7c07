import type { AnswerText } from '../results/chat-message.js';
import type { AnswerParser, AnswerPart } from '../text/answer/answer-parser.js';
import type { ChatPrompt } from './chats.js';

/** What a piece is made of. */
export interface AnswerPiece<Token> {
  part: AnswerPart;
  tokens: Token[];
}

/**
 * The answer of a chat as it comes: what is told of it is text, thoughts and calls. A token comes with the first piece that is
 * told after it, so together the pieces hold every token once, in order.
 */
export class Answer<Token> {
  readonly parts: AnswerText[] = [];
  /** All of the text, markers included. */
  raw = '';
  readonly #prompt: ChatPrompt;
  readonly #parser: AnswerParser;
  #waiting: Token[] = [];

  constructor(prompt: ChatPrompt) {
    this.#prompt = prompt;
    const { format, text, tools, toolChoice } = prompt;
    this.#parser = format.answerParser(text, tools, toolChoice !== 'none');
  }

  /** The text of a token that begins or ends a part of the answer; undefined for all others. */
  markerOf(id: number): string | undefined {
    return this.#prompt.format.markers.get(id);
  }

  /** @param isMarker Whether the text is that of {@link markerOf}. */
  push(text: string, tokens: readonly Token[], isMarker = false): AnswerPiece<Token>[] {
    this.raw += text;
    this.#waiting.push(...tokens);
    return this.#tell(text === '' ? [] : this.#parser.push(text, isMarker));
  }

  /** What was held back, and the last tokens. */
  finish(): AnswerPiece<Token>[] {
    const pieces = this.#tell(this.#parser.finish());
    if (this.#waiting.length === 0) return pieces;
    return [...pieces, { part: { kind: 'text', text: '' }, tokens: this.#takeWaiting() }];
  }

  #tell(parts: readonly AnswerPart[]): AnswerPiece<Token>[] {
    this.parts.push(...parts);
    return parts.map((part) => ({ part, tokens: this.#takeWaiting() }));
  }

  #takeWaiting(): Token[] {
    const tokens = this.#waiting;
    this.#waiting = [];
    return tokens;
  }
}
