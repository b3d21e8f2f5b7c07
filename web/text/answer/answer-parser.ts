import type { AnswerFormat } from './answer-format.js';
import { type AnswerPart, addText } from './answer-part.js';
import { type BareKind, BareStart } from './bare-start.js';
import { CallReader } from './call-reader.js';
import { ChannelParser } from './channel-parser.js';
import { Markers } from './markers.js';
import { RecipientParser } from './recipient-parser.js';
import type { KnownTool } from './text-arguments.js';
import { ThoughtCalls } from './thought-calls.js';

export type { AnswerPart } from './answer-part.js';

export interface AnswerParserOptions {
  /** The tools that the model was given: only with some is bare JSON taken for a call. */
  tools: readonly KnownTool[];
  /** The end of the prompt: where it opens thinking, the answer begins inside it. */
  prompt: string;
  /** The texts of the model's special tokens. Markers among them count only as such tokens. */
  specialTokens: ReadonlySet<string>;
}

/** Where in the answer the parser is. */
type Place = 'bare' | 'text' | 'thinking' | 'call';

const PYTHON_TAG = '<|python_tag|>';

/**
 * Turns an answer that comes token by token into parts. Text that cannot begin a marker comes out at
 * once. The time is proportional to the length of the answer.
 */
export class AnswerParser {
  readonly #format: AnswerFormat;
  readonly #specialTokens: ReadonlySet<string>;
  readonly #begins: readonly string[];
  /** For a marker of a special token and text: the text behind the token. */
  readonly #labels = new Map<string, string>();
  readonly #thinking: { begin: string; end: string } | null;
  readonly #tools: readonly KnownTool[];
  readonly #mayBeBare: boolean;
  readonly #callMarkers: readonly string[]; // those that count in thoughts
  readonly #plainMarkers: Readonly<Record<Place, Markers>>;
  /** Reads all of an answer that is in messages with headers. */
  readonly #messages: ChannelParser | RecipientParser | null;
  #place: Place = 'text';
  #held = ''; // text that may be the beginning of a marker
  #label = ''; // what is to be dropped behind the token of a marker
  #nLabel = 0; // and how much of it has come
  #blank: string | null = null; // white space since a call; null when there was none just before
  #dropsLines = false; // around thinking
  #lineEnds = ''; // in thinking, held until something else follows
  #bare = new BareStart(false);
  #call: CallReader | null = null;
  #thoughtCalls: ThoughtCalls | null = null;
  #parts: AnswerPart[] = [];

  constructor(format: AnswerFormat, { tools, prompt, specialTokens }: AnswerParserOptions) {
    this.#format = format;
    this.#specialTokens = specialTokens;
    const body = format.toolCalls?.body.kind;
    if (body === 'channels') this.#messages = new ChannelParser(prompt, specialTokens);
    else this.#messages = body === 'recipients' ? new RecipientParser(prompt) : null;
    const { thinking, toolCalls } = format;
    const begin = thinking === null ? null : this.#withoutLabel(thinking.begin, specialTokens);
    this.#thinking = thinking === null || begin === null ? null : { begin, end: thinking.end };
    this.#begins = toolCalls?.begins ?? [];
    this.#tools = tools;
    this.#callMarkers = tools.length > 0 ? [...this.#begins, ...(toolCalls?.hidden ?? [])] : [];
    this.#mayBeBare = tools.length > 0 && toolCalls !== null && toolCalls.begins.length === 0;
    const hidden = [...(toolCalls?.hidden ?? []), ...(thinking?.hidden ?? [])].map((marker) =>
      this.#withoutLabel(marker, specialTokens),
    );
    if (this.#mayBeBare) hidden.push(PYTHON_TAG);
    const plain = (markers: readonly (string | null | undefined)[]) =>
      new Markers(
        markers.filter((marker) => typeof marker === 'string' && !specialTokens.has(marker)) as string[],
      );
    this.#plainMarkers = {
      bare: new Markers([]),
      text: plain([begin, ...this.#begins, ...hidden]),
      thinking: plain([thinking?.end, ...this.#callMarkers]),
      call: plain([toolCalls?.end]),
    };
    if (thinking !== null && prompt.trimEnd().endsWith(thinking.begin.trimEnd())) this.#beginThinking();
    else if (this.#mayBeBare) this.#place = 'bare';
  }

  /** @param isSpecial Whether this is the text of a special token. */
  push(text: string, isSpecial = false): AnswerPart[] {
    if (this.#messages !== null) return this.#messages.push(text, isSpecial);
    if (isSpecial) this.#pushSpecial(text);
    else this.#pushText(text);
    return this.#takeParts();
  }

  /** Ends the answer: what is held back comes out. */
  finish(): AnswerPart[] {
    if (this.#messages !== null) return this.#messages.finish();
    this.#flush();
    this.#leaveLabel();
    if (this.#place === 'bare') this.#leaveBare();
    if (this.#call !== null) this.#addUnread(this.#call.written(''), 'This call is cut off.');
    this.#call = null;
    this.#endThoughtCalls();
    this.#add('thinking', this.#lineEnds);
    this.#lineEnds = '';
    return this.#takeParts();
  }

  /** The special token that a marker begins with; what follows it is kept as its label. */
  #withoutLabel(marker: string, specialTokens: ReadonlySet<string>): string {
    if (specialTokens.has(marker)) return marker;
    const token = [...specialTokens].find((special) => special !== '' && marker.startsWith(special));
    if (token === undefined) return marker;
    this.#labels.set(token, marker.slice(token.length));
    return token;
  }

  #pushSpecial(text: string): void {
    if (this.#held !== '' && this.#plainMarkers[this.#place].isStart(this.#held + text)) {
      this.#pushText(text); // a token inside a marker
      return;
    }
    this.#flush();
    this.#leaveLabel();
    if (this.#place === 'thinking') {
      this.#onMarkerInThought(text, true);
      return;
    }
    const isEnd = this.#place === 'call' && text === this.#format.toolCalls?.end;
    if (this.#place === 'call' && !isEnd) {
      this.#call?.takeWhole(text);
      if (this.#call) this.#giveUpCall(this.#call);
      return;
    }
    if (this.#place === 'bare' && text !== PYTHON_TAG) this.#leaveBare();
    this.#onMarker(text);
  }

  #pushText(added: string): void {
    const text = this.#held + added;
    this.#held = '';
    let at = 0;
    while (at < text.length) {
      const markers = this.#plainMarkers[this.#place];
      const found = markers.find(text, at);
      const end = found?.at ?? text.length - markers.partialLength(text, at);
      const place = this.#place;
      at = this.#take(text, at, end);
      if (at < end || this.#place !== place) continue; // the rest is of another kind
      if (found === null) {
        this.#held = text.slice(end);
        return;
      }
      at += found.marker.length;
      if (this.#call?.isInString) this.#call.takeWhole(found.marker);
      else this.#onMarker(found.marker);
    }
  }

  /** What was held back turns out to be no marker. */
  #flush(): void {
    let text = this.#held;
    this.#held = '';
    while (text !== '') text = text.slice(this.#take(text, 0, text.length));
  }

  /** Takes text without markers, up to `to` or up to where its kind changes. Returns where it stopped. */
  #take(text: string, from: number, to: number): number {
    if (from === to) return to;
    if (this.#label !== '') return this.#takeLabel(text, from, to);
    switch (this.#place) {
      case 'bare':
        return this.#takeBare(text, from, to);
      case 'call':
        return this.#takeCall(text, from, to);
      case 'thinking':
        if (this.#thoughtCalls === null) this.#takeThinking(text.slice(from, to));
        else this.#takeThoughtCalls(this.#thoughtCalls, text.slice(from, to), false);
        return to;
      case 'text':
        this.#takeText(text.slice(from, to));
        return to;
    }
  }

  #takeLabel(text: string, from: number, to: number): number {
    const rest = this.#label.slice(this.#nLabel);
    let n = 0;
    while (from + n < to && n < rest.length && text[from + n] === rest[n]) n++;
    this.#nLabel += n;
    if (n === rest.length) this.#label = '';
    else if (from + n < to) this.#leaveLabel();
    return from + n;
  }

  /** What looked like the label so far is none: it belongs to what follows the token. */
  #leaveLabel(): void {
    const text = this.#label.slice(0, this.#nLabel);
    this.#label = '';
    if (this.#place === 'thinking') this.#takeThinking(text);
    else this.#takeText(text);
  }

  #takeText(given: string): void {
    let text = this.#dropsLines ? given.replace(/^\n+/, '') : given;
    if (text === '') return;
    this.#dropsLines = false;
    if (this.#blank !== null) {
      const begin = text.search(/\S/);
      if (begin < 0) {
        this.#blank += text;
        return;
      }
      text = this.#blank + text;
      this.#blank = null;
    }
    this.#add('text', text);
  }

  #takeThinking(given: string): void {
    const text = this.#dropsLines ? given.replace(/^\n+/, '') : given;
    if (text === '') return;
    this.#dropsLines = false;
    let end = text.length;
    while (end > 0 && text[end - 1] === '\n') end--;
    if (end > 0) {
      this.#add('thinking', this.#lineEnds + text.slice(0, end));
      this.#lineEnds = '';
    }
    this.#lineEnds += text.slice(end);
  }

  #takeCall(text: string, from: number, to: number): number {
    const call = this.#call;
    if (call === null) throw new Error('there is no call');
    const at = call.take(text, from, to);
    if (call.isComplete) this.#endCall('');
    else this.#giveUpCall(call);
    return at;
  }

  #takeBare(text: string, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const kind = this.#bare.push(text.charAt(at));
      if (kind === null) continue;
      if (kind === 'text') this.#leaveBare();
      else this.#beginBareCall(kind);
      return at + 1;
    }
    return to;
  }

  #leaveBare(): void {
    const { text } = this.#bare;
    this.#place = 'text';
    if (text.trim() === '' && this.#blank !== null) this.#blank += text;
    else if (text !== '') this.#takeText(text);
  }

  #beginBareCall(kind: BareKind): void {
    const text = this.#bare.text.trimStart();
    this.#place = 'call';
    this.#blank = null;
    this.#call = new CallReader({ kind }, true, '');
    this.#takeCall(text, 0, text.length);
  }

  #onMarker(marker: string): void {
    const { toolCalls } = this.#format;
    if (this.#place === 'text') {
      this.#label = this.#labels.get(marker) ?? '';
      this.#nLabel = 0;
    }
    if (this.#place === 'call') this.#endCall(marker);
    else if (this.#place === 'thinking') this.#onMarkerInThought(marker, false);
    else if (marker === this.#thinking?.begin) this.#beginThinking();
    else if (marker === PYTHON_TAG && this.#mayBeBare) {
      this.#place = 'bare';
      this.#bare = new BareStart(true);
    } else if (toolCalls !== null && this.#begins.includes(marker)) {
      this.#place = 'call';
      this.#blank = null;
      this.#dropsLines = false;
      const bodyStart = toolCalls.bodyStart ?? '';
      const opening = marker.slice(0, marker.length - bodyStart.length);
      this.#call = new CallReader(toolCalls.body, toolCalls.end === null, opening, this.#tools);
      this.#call.take(bodyStart, 0, bodyStart.length);
    }
  }

  #onMarkerInThought(marker: string, isSpecial: boolean): void {
    if (marker === this.#thinking?.end) {
      this.#leaveThoughtCalls();
      this.#endThinking();
      return;
    }
    if (this.#thoughtCalls === null && this.#callMarkers.includes(marker)) {
      const format = { thinking: null, toolCalls: this.#format.toolCalls };
      const options = { tools: this.#tools, prompt: '', specialTokens: this.#specialTokens };
      this.#thoughtCalls = new ThoughtCalls(new AnswerParser(format, options));
    }
    if (this.#thoughtCalls !== null) this.#takeThoughtCalls(this.#thoughtCalls, marker, isSpecial);
  }

  #takeThoughtCalls(calls: ThoughtCalls, text: string, isSpecial: boolean): void {
    if (!calls.push(text, isSpecial)) this.#leaveThoughtCalls();
  }

  /** They are none, but part of the thought. */
  #leaveThoughtCalls(): void {
    const text = this.#thoughtCalls?.written ?? '';
    this.#thoughtCalls = null;
    this.#takeThinking(text);
  }

  /** At the end of the answer. */
  #endThoughtCalls(): void {
    const calls = this.#thoughtCalls?.finish() ?? [];
    if (calls.length === 0) this.#leaveThoughtCalls();
    else this.#lineEnds = '';
    this.#parts.push(...calls);
  }

  #beginThinking(): void {
    this.#place = 'thinking';
    this.#blank = null;
    this.#dropsLines = true;
  }

  #endThinking(): void {
    this.#place = this.#mayBeBare ? 'bare' : 'text';
    this.#bare = new BareStart(false);
    this.#lineEnds = '';
    this.#dropsLines = true;
  }

  #endCall(closing: string): void {
    const call = this.#call;
    if (call === null) return;
    this.#leaveCall();
    const result = call.result();
    if ('reason' in result) this.#addUnread(call.written(closing), result.reason);
    else {
      for (const [i, toolCall] of result.calls.entries()) {
        this.#parts.push({ kind: 'tool-call', text: i === 0 ? call.written(closing) : '', toolCall });
      }
      this.#blank = '';
    }
  }

  /** Goes on with text where what has come can be no call. */
  #giveUpCall(call: CallReader): void {
    const reason = call.failure;
    if (reason === null) return;
    this.#leaveCall();
    this.#addUnread(call.written(''), reason);
  }

  #leaveCall(): void {
    this.#call = null;
    this.#place = this.#mayBeBare ? 'bare' : 'text';
    this.#bare = new BareStart(false, ';');
  }

  #addUnread(text: string, reason: string): void {
    this.#parts.push({ kind: 'text', text, reason });
  }

  #add(kind: 'text' | 'thinking', text: string): void {
    addText(this.#parts, kind, text);
  }

  #takeParts(): AnswerPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
