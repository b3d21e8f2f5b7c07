import { type AnswerPart, addText } from './answer-part.js';
import { CallReader } from './call-reader.js';
import { Markers } from './markers.js';
import { RECIPIENT, RECIPIENT_CALL } from './tool-call-syntaxes.js';

/** Who is spoken to where the message is text. */
const ALL = 'all';

/** What may be the name of a function. */
const NAME = /^[\w.-]{0,128}$/;

/** Where in a message the parser is: in the line that names its recipient, in its text, in a call, or behind one. */
type Place = 'header' | 'text' | 'call' | 'between';

/**
 * An answer in messages to recipients, as functionary 3.2 writes it: `>>>all`, a line end and text, or `>>>name`, a line end and
 * the arguments as JSON; one message right behind the other. What names no recipient so is text.
 */
export class RecipientParser {
  readonly #markers = new Markers([RECIPIENT]);
  #place: Place = 'text';
  #held = ''; // text that may be the beginning of a header
  #opening = ''; // the header's `>>>`; empty where the prompt holds it
  #header = '';
  #blank = ''; // behind a call
  #call: CallReader | null = null;
  #parts: AnswerPart[] = [];

  /** @param prompt Its end: it may open the answer's first message. */
  constructor(prompt: string) {
    if (prompt.endsWith(RECIPIENT)) this.#place = 'header';
  }

  push(text: string, isSpecial: boolean): AnswerPart[] {
    if (!isSpecial || text === RECIPIENT) this.#pushText(text);
    else {
      this.#flush();
      if (this.#place === 'header') this.#leaveHeader();
      this.#call?.takeWhole(text);
    }
    return this.#takeParts();
  }

  finish(): AnswerPart[] {
    this.#flush();
    if (this.#place === 'header') this.#endInHeader();
    else if (this.#call !== null) this.#addUnread(this.#call.written(''), 'This call is cut off.');
    this.#call = null;
    return this.#takeParts();
  }

  #pushText(added: string): void {
    const text = this.#held + added;
    this.#held = '';
    let at = 0;
    while (at < text.length) {
      const found = this.#markers.find(text, at);
      const end = found?.at ?? text.length - this.#markers.partialLength(text, at);
      at = this.#take(text, at, end);
      if (at < end) continue; // the rest is of another kind
      if (found === null) {
        this.#held = text.slice(end);
        return;
      }
      at += found.marker.length;
      this.#onMarker();
    }
  }

  #flush(): void {
    const text = this.#held;
    this.#held = '';
    for (let at = 0; at < text.length; ) at = this.#take(text, at, text.length);
  }

  /** Takes text without markers, up to `to` or up to where its kind changes. Returns where it stopped. */
  #take(text: string, from: number, to: number): number {
    if (from === to) return to;
    if (this.#place === 'header') return this.#takeHeader(text, from, to);
    if (this.#call !== null) return this.#takeCall(this.#call, text, from, to);
    this.#takeText(text.slice(from, to));
    return to;
  }

  #takeHeader(text: string, from: number, to: number): number {
    const lineEnd = text.slice(from, to).indexOf('\n');
    const end = lineEnd < 0 ? to : from + lineEnd;
    this.#header += text.slice(from, end);
    if (!NAME.test(this.#header) || (lineEnd === 0 && this.#header === '')) this.#leaveHeader();
    else if (lineEnd >= 0) {
      this.#beginMessage();
      return end + 1;
    }
    return end;
  }

  #takeCall(call: CallReader, text: string, from: number, to: number): number {
    const at = call.take(text, from, to);
    if (call.isComplete) this.#endCall(call);
    else if (call.failure !== null) {
      this.#addUnread(call.written(''), call.failure);
      this.#call = null;
      this.#place = 'text';
    }
    return at;
  }

  #takeText(text: string): void {
    const isBetween = this.#place === 'between';
    if (isBetween && text.trim() === '') this.#blank += text;
    else {
      addText(this.#parts, 'text', (isBetween ? this.#blank : '') + text);
      this.#place = 'text';
      this.#blank = '';
    }
  }

  #onMarker(): void {
    if (this.#call?.isInString) {
      this.#call.takeWhole(RECIPIENT);
      return;
    }
    if (this.#call !== null) this.#endCall(this.#call);
    else if (this.#place === 'header') this.#leaveHeader();
    this.#place = 'header';
    this.#opening = RECIPIENT;
    this.#header = '';
  }

  #beginMessage(): void {
    this.#blank = '';
    if (this.#header === ALL) this.#place = 'text';
    else {
      this.#place = 'call';
      this.#call = new CallReader(RECIPIENT_CALL, true, this.#opening);
      const head = `${this.#header}\n`;
      this.#call.take(head, 0, head.length);
    }
  }

  /** What looked like a header is text. */
  #leaveHeader(): void {
    this.#place = this.#blank === '' ? 'text' : 'between';
    const text = this.#opening + this.#header;
    if (text !== '') this.#takeText(text);
  }

  /** The answer ends in a line that names a recipient. */
  #endInHeader(): void {
    if (this.#header === '') this.#leaveHeader();
    else if (!ALL.startsWith(this.#header)) {
      this.#addUnread(this.#opening + this.#header, 'This call is cut off.');
    }
  }

  #endCall(call: CallReader): void {
    const result = call.result();
    const text = call.written('');
    this.#call = null;
    this.#place = 'between';
    if ('reason' in result) this.#addUnread(text, result.reason);
    else for (const toolCall of result.calls) this.#parts.push({ kind: 'tool-call', text, toolCall });
  }

  #addUnread(text: string, reason: string): void {
    this.#parts.push({ kind: 'text', text, reason });
  }

  #takeParts(): AnswerPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
