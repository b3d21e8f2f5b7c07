import { type AnswerPart, addText } from './answer-part.js';
import { argumentsOf } from './call-bodies.js';
import { MAX_CALL_LENGTH } from './call-reader.js';
import { Markers } from './markers.js';

const START = '<|start|>';
const CHANNEL = '<|channel|>';
const CONSTRAIN = '<|constrain|>';
const MESSAGE = '<|message|>';
const ENDS = ['<|end|>', '<|call|>', '<|return|>'];
const MARKERS = [START, CHANNEL, CONSTRAIN, MESSAGE, ...ENDS];
/** More than a header is. */
const MAX_HEADER_LENGTH = 1024;

/** Where in a message the parser is: before its header, in that, or in its text by what that is. */
type Place = 'between' | 'header' | 'text' | 'thinking' | 'call';

/**
 * An answer in messages with headers, as in the format harmony:
 * `<|channel|>analysis<|message|>thinking<|end|>`,
 * `<|start|>assistant to=functions.name<|channel|>commentary json<|message|>arguments<|call|>`.
 */
export class ChannelParser {
  readonly #markers: Markers;
  #place: Place = 'header';
  #held = '';
  #header = '';
  #name = '';
  #pieces: string[] = []; // of a call's arguments
  #length = 0;
  #parts: AnswerPart[] = [];

  /** @param prompt Its end, from where the answer's first message begins. */
  constructor(prompt: string, specialTokens: ReadonlySet<string>) {
    this.#markers = new Markers(MARKERS.filter((marker) => !specialTokens.has(marker)));
    const start = prompt.lastIndexOf(START);
    const opened = start < 0 ? '' : prompt.slice(start + START.length).replace(/^assistant/, '');
    const end = opened.indexOf(MESSAGE);
    this.#header = end < 0 ? opened : opened.slice(0, end);
    if (end >= 0) this.#onMarker(MESSAGE);
  }

  push(text: string, isSpecial: boolean): AnswerPart[] {
    if (isSpecial) {
      this.#flush();
      if (MARKERS.includes(text)) this.#onMarker(text);
    } else this.#pushText(text);
    return this.#takeParts();
  }

  finish(): AnswerPart[] {
    this.#flush();
    if (this.#place === 'call') this.#endCall('', true);
    else if (this.#place === 'header' && !/^\s*(?:assistant\s*)?$/.test(this.#header)) this.#leaveHeader();
    return this.#takeParts();
  }

  #pushText(added: string): void {
    const text = this.#held + added;
    let at = 0;
    for (let found = this.#markers.find(text, 0); found !== null; found = this.#markers.find(text, at)) {
      this.#take(text.slice(at, found.at));
      this.#onMarker(found.marker);
      at = found.at + found.marker.length;
    }
    const end = text.length - this.#markers.partialLength(text, at);
    this.#held = text.slice(end);
    this.#take(text.slice(at, end));
  }

  #flush(): void {
    const text = this.#held;
    this.#held = '';
    this.#take(text);
  }

  #take(text: string): void {
    if (this.#place === 'header') {
      this.#header += text;
      if (this.#header.length > MAX_HEADER_LENGTH) this.#leaveHeader();
    } else if (this.#place === 'call') {
      this.#pieces.push(text);
      this.#length += text.length;
      if (this.#length > MAX_CALL_LENGTH) this.#addUnread('', 'This call is too long.');
    } else if (this.#place !== 'between') addText(this.#parts, this.#place, text);
  }

  /** What stands where a header should is text. */
  #leaveHeader(): void {
    this.#place = 'text';
    addText(this.#parts, 'text', this.#header.replaceAll(CHANNEL, '').replaceAll(CONSTRAIN, ''));
    this.#header = '';
  }

  #onMarker(marker: string): void {
    if (marker === MESSAGE && this.#place === 'header') this.#beginMessage();
    else if (marker === START || ENDS.includes(marker)) {
      if (this.#place === 'call') this.#endCall(marker === START ? '' : marker, false);
      this.#place = marker === START ? 'header' : 'between';
      this.#header = '';
    } else if (marker === CHANNEL || marker === CONSTRAIN) {
      if (this.#place === 'between') this.#place = 'header';
      if (this.#place === 'header') this.#header += marker;
      if (this.#place === 'call') this.#take(marker);
    }
  }

  #beginMessage(): void {
    const recipient = /\bto=(?:functions\.)?([^\s<]+)/.exec(this.#header)?.[1];
    const channel = /<\|channel\|>\s*(\w*)/.exec(this.#header)?.[1];
    this.#name = recipient ?? '';
    this.#pieces = [];
    this.#length = 0;
    if (recipient !== undefined) this.#place = 'call';
    else this.#place = channel === 'analysis' ? 'thinking' : 'text';
  }

  /** @param isCut Whether the answer ends here: the token that ends a call is not part of it. */
  #endCall(closing: string, isCut: boolean): void {
    const text = this.#pieces.join('');
    try {
      const toolCall = { id: null, name: this.#name, arguments: argumentsOf(text) };
      this.#parts.push({ kind: 'tool-call', text: this.#written(closing), toolCall });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#addUnread(closing, isCut ? 'This call is cut off.' : `This call cannot be read: ${why}.`);
    }
    this.#place = 'between';
  }

  #addUnread(closing: string, reason: string): void {
    this.#parts.push({ kind: 'text', text: this.#written(closing), reason });
    this.#place = 'text';
  }

  #written(closing: string): string {
    return this.#header + MESSAGE + this.#pieces.join('') + closing;
  }

  #takeParts(): AnswerPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
