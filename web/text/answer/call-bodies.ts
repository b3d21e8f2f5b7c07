import { isObject, type JsonObject } from '../../base/json.js';
import type { ToolCall } from '../../results/chat-message.js';
import { LiteralReader, type NamedCall } from './literals.js';
import { isTextArgument, type KnownTool } from './text-arguments.js';
import type { CallBody, ParameterTags } from './tool-call-syntaxes.js';

/** The calls of what stands between the markers. @throws Error that says why it holds none. */
export function parseCalls(text: string, body: CallBody, tools: readonly KnownTool[] = []): ToolCall[] {
  const calls = readCalls(text, body, tools);
  if (calls.length === 0) throw new Error('there is no call in it');
  for (const { name } of calls) if (name === '') throw new Error('the name of the function is missing');
  return calls;
}

function readCalls(text: string, body: CallBody, tools: readonly KnownTool[]): ToolCall[] {
  switch (body.kind) {
    case 'channels':
    case 'recipients':
      throw new Error('the name of the function stands before the message');
    case 'json':
      return asList(parseJson(text)).map(callOf);
    case 'keyed-json':
      return asList(parseJson(text)).flatMap(keyedCalls);
    case 'named-json':
      return /^\s*[[{]/.test(text) ? asList(parseJson(text)).map(callOf) : [namedCall(text, body)];
    case 'parameters':
      return parameterCalls(text, body.tags, tools);
    case 'key-values':
      return [keyValueCall(text, tools)];
    case 'pythonic':
      return new LiteralReader(text).calls().map(pythonCall);
    case 'gemma':
      return [withoutId(new LiteralReader(text).gemmaCall())];
  }
}

function withoutId(call: NamedCall): ToolCall {
  return { id: null, ...call };
}

/** A built-in tool is called as `tool.call(…)`. */
function pythonCall({ name, arguments: given }: NamedCall): ToolCall {
  return { id: null, name: name.replace(/\.call$/, ''), arguments: given };
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** From an object of any of the names in use: (tool_)name, arguments or parameters, (tool_call_)id. */
function callOf(value: unknown): ToolCall {
  if (!isObject(value)) throw new Error('a call is no object');
  const inner = isObject(value.function) ? value.function : value;
  const name = inner.name ?? inner.tool_name ?? value.function;
  if (typeof name !== 'string') throw new Error('the name of the function is missing');
  const id = value.id ?? value.tool_call_id ?? null;
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : null,
    name,
    arguments: argumentsOf(inner.arguments ?? inner.parameters),
  };
}

/** The arguments of a call: an object, or JSON of one. @throws Error when it is none. */
export function argumentsOf(given: unknown): JsonObject {
  const value = typeof given === 'string' ? parseJson(given) : given;
  if (!isObject(value)) throw new Error('the arguments are no object');
  return value;
}

function keyedCalls(value: unknown): ToolCall[] {
  if (!isObject(value)) throw new Error('a call is no object');
  return Object.entries(value).map(([name, given]) => ({ id: null, name, arguments: argumentsOf(given) }));
}

/** A line with the name, and the beginning of a fenced block. */
const NAME_AND_FENCE = /^([^\n{]+)\n\s*```(?:json)?\n/;
const FENCE = '```';

function namedCall(text: string, body: CallBody & { kind: 'named-json' }): ToolCall {
  const at = text.indexOf(body.separator);
  if (at < 0) throw new Error(`'${body.separator}' is missing`);
  const rest = text.slice(at + body.separator.length).trim();
  const fence = rest.endsWith(FENCE) ? NAME_AND_FENCE.exec(rest) : null;
  const head = body.readHead(fence?.[1] ?? text.slice(0, at));
  if (head === null) throw new Error('the name of the function is missing');
  const json = fence === null ? rest : rest.slice(fence[0].length, -FENCE.length);
  return { id: head.id, name: head.name, arguments: argumentsOf(parseJson(json)) };
}

/** A value that is not quoted: a string where that is known; else what reads as JSON is that, unless a string. */
function looseValue(text: string, isString: boolean): unknown {
  if (isString) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? text : value;
  } catch {
    return text;
  }
}

/** Reads a text by its tags, from left to right. */
class TagReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the tag is next, behind white space; it is taken. */
  takes(tag: string): boolean {
    let at = this.#at;
    while (/\s/.test(this.#text[at] ?? '')) at++;
    if (!this.#text.startsWith(tag, at)) return false;
    this.#at = at + tag.length;
    return true;
  }

  need(tag: string): void {
    if (!this.takes(tag)) throw new Error(`'${tag}' is missing`);
  }

  /** The text up to the tag, which is taken. */
  upTo(tag: string): string {
    const end = this.#text.indexOf(tag, this.#at);
    if (end < 0) throw new Error(`'${tag}' is missing`);
    const text = this.#text.slice(this.#at, end);
    this.#at = end + tag.length;
    return text;
  }

  rest(): string {
    const text = this.#text.slice(this.#at);
    this.#at = this.#text.length;
    return text;
  }
}

function parameterCalls(text: string, tags: ParameterTags, tools: readonly KnownTool[]): ToolCall[] {
  const reader = new TagReader(text);
  const calls: ToolCall[] = [];
  while (reader.takes(tags.call)) {
    const name = nameIn(reader.upTo('>'));
    const entries: [string, unknown][] = [];
    while (reader.takes(tags.parameter)) {
      const tag = reader.upTo('>');
      const value = reader.upTo(tags.parameterEnd);
      const isString = tag.includes('string="true"');
      const key = nameIn(tag);
      const isText = isTextArgument(tools, name, key);
      entries.push([key, isString ? value : looseValue(withoutLineEnds(value), isText)]);
    }
    reader.need(tags.callEnd);
    calls.push({ id: null, name, arguments: Object.fromEntries(entries) });
  }
  if (reader.rest().trim() !== '') throw new Error(`'${tags.call}' is missing`);
  return calls;
}

/** The name of a tag's rest, which is `name` or `name="name"`. */
function nameIn(tag: string): string {
  const name = /^\s*name="([^"]*)"/.exec(tag)?.[1] ?? tag.trim();
  if (!/^[^\s<>"'=]+$/.test(name)) throw new Error('a tag has no name');
  return name;
}

/** One line end is dropped on each side: values may stand on lines of their own. */
function withoutLineEnds(text: string): string {
  return text.replace(/^\n/, '').replace(/\n$/, '');
}

function keyValueCall(text: string, tools: readonly KnownTool[]): ToolCall {
  const hasPairs = text.includes('<arg_key>');
  const reader = new TagReader(text);
  const name = (hasPairs ? reader.upTo('<arg_key>') : reader.rest()).trim();
  if (/\s/.test(name)) throw new Error('the name of the function is missing');
  const entries: [string, unknown][] = [];
  for (let isMore = hasPairs; isMore; isMore = reader.takes('<arg_key>')) {
    const key = reader.upTo('</arg_key>').trim();
    reader.need('<arg_value>');
    entries.push([key, looseValue(reader.upTo('</arg_value>'), isTextArgument(tools, name, key))]);
  }
  if (reader.rest().trim() !== '') throw new Error("'<arg_key>' is missing");
  return { id: null, name, arguments: Object.fromEntries(entries) };
}
