import type { AnswerPart } from './answer-part.js';

/** Reads calls, as an AnswerParser does. */
interface PartReader {
  push(text: string, isSpecial: boolean): AnswerPart[];
  finish(): AnswerPart[];
}

/**
 * Calls in a thought, from the first one's marker on. Whether they are some is known at the end of the answer: the thought never
 * ended, and nothing but whole calls has come since.
 */
export class ThoughtCalls {
  /** What to show of it as a thought, should it be one. */
  written = '';
  readonly #reader: PartReader;
  #parts: AnswerPart[] = [];

  constructor(reader: PartReader) {
    this.#reader = reader;
  }

  /** @returns Whether nothing but calls, and white space between them, has come so far. */
  push(text: string, isSpecial: boolean): boolean {
    if (!isSpecial) this.written += text;
    this.#parts.push(...this.#reader.push(text, isSpecial));
    return this.#areCalls;
  }

  /** The calls that the answer ended with; none where it is a thought. */
  finish(): AnswerPart[] {
    this.#parts.push(...this.#reader.finish());
    return this.#areCalls ? this.#parts : [];
  }

  get #areCalls(): boolean {
    return this.#parts.every(({ kind }) => kind === 'tool-call');
  }
}
