import type { ToolChoice, ToolSignature } from '../../options/tool-options.js';
import { SottoError } from '../../results/errors.js';
import type { ToolCallSyntax } from '../../text/answer/tool-call-syntaxes.js';
import type { Form } from '../constraint.js';
import { repeat, text } from '../grammar.js';
import { ArgumentWriter, type CallableTool } from './arguments.js';
import { CallGraph } from './call-graph.js';
import { CallPhases } from './call-phases.js';
import { type CallWriting, writingOf } from './call-writing.js';
import {
  afterThought,
  type ChatAnswers,
  type ThoughtTokens,
  thinkingOf,
  thought,
  thoughtTokensOf,
} from './chat-phases.js';
import { formOfPhases, type Phase } from './phases.js';
import { notBeginning, upTo, without } from './texts.js';

/** Behind it Llama writes code, or a call: that is left to it. */
const CODE_TAG = '<|python_tag|>';

/** What calls in bare JSON begin with. */
const BARE_BEGIN = '{"name"';

/** What an answer may be. */
export interface AnswerChoice {
  readonly tools: readonly ToolSignature[];
  readonly choice: ToolChoice;
  /** Of the answer where no tool is called; null for any text. */
  readonly form: Form | null;
}

/**
 * The form of a chat's answers: calls of tools as the model writes them, thoughts before them. Null where they are free.
 *
 * @throws SottoError 'bad-option' for what cannot be held to
 */
export async function answerForm(
  chat: ChatAnswers,
  { tools, choice, form }: AnswerChoice,
): Promise<Form | null> {
  const { toolCalls } = chat.answers;
  if (choice === 'none' || tools.length === 0) {
    if (form !== null) return formOfPhases(afterThought(chat, form, new Map()), chat);
    const excluded = choice === 'none' ? beginTokens(chat, toolCalls) : [];
    return excluded.length === 0 ? null : formOfPhases({ form: null, exits: new Map(), excluded }, chat);
  }
  if (choice === 'auto') {
    const first = automatic(chat, tools, toolCalls, form);
    return first && formOfPhases(first, chat);
  }
  if (toolCalls === null) {
    throw refused(
      "the chat template tells of no form in which the model writes calls, so none can be asked for: give 'auto'",
    );
  }
  const named = tools.filter(({ name }) => choice === 'required' || name === choice.name);
  return formOfPhases(await required(chat, named, toolCalls, choice === 'required'), chat);
}

function refused(problem: string): SottoError {
  return new SottoError('bad-option', `toolChoice: ${problem}`);
}

/** The tokens that calls begin with. */
function beginTokens({ markers }: ChatAnswers, syntax: ToolCallSyntax | null): number[] {
  const begins = syntax === null ? [] : [...syntax.begins, ...(syntax.hidden ?? [])];
  return [...markers].flatMap(([id, content]) =>
    content !== '' && begins.some((begin) => begin.startsWith(content)) ? [id] : [],
  );
}

/** The way of one call, or several. */
interface Calls {
  readonly graph: CallGraph;
  readonly writing: CallWriting;
  readonly start: number;
  /** Behind what opens them. */
  readonly begin: number;
  readonly done: number;
}

function callsOf(
  chat: ChatAnswers,
  tools: readonly ToolSignature[],
  { name }: ToolCallSyntax,
  { isStrict, areSeveral }: { isStrict: boolean; areSeveral: boolean },
): Calls | null {
  const args = new ArgumentWriter(isStrict);
  const writing = writingOf(name, args, chat.template);
  if (writing === null) return null;
  const texts = new Map(
    [...chat.markers].flatMap(([id, content]) => (content === '' ? [] : [[content, id]])),
  );
  const graph = new CallGraph(texts, args.rules);
  const start = graph.state();
  const begin = graph.link(start, [writing.open]);
  const end = graph.state();
  for (const [i, tool] of tools.entries()) {
    const callable: CallableTool = { ...tool, path: `tools[${i}].parameters` };
    graph.link(begin, writing.call(callable), end);
  }
  if (areSeveral && writing.separator !== null) graph.link(end, [writing.separator], begin);
  const done = graph.link(end, [writing.close]);
  return { graph, writing, start, begin, done };
}

/** Calls, and nothing else; a thought may come before. */
async function required(
  chat: ChatAnswers,
  tools: readonly ToolSignature[],
  syntax: ToolCallSyntax,
  areSeveral: boolean,
): Promise<Phase> {
  const calls = callsOf(chat, tools, syntax, { isStrict: true, areSeveral });
  if (calls === null) {
    throw refused(`calls of this model's form (${syntax.name}) cannot be asked for yet: give 'auto'`);
  }
  const { graph, writing, start, done } = calls;
  graph.end(done);
  if (areSeveral && writing.between !== null) graph.link(done, [writing.between], start);
  const phases = new CallPhases(chat, graph, (grammar) => chat.compile(grammar));
  const behind = graph.state();
  graph.link(behind, [repeat(text('\n'), 0, 2)], start);
  const tokens = thoughtTokensOf(chat);
  const first = firstOf(chat, graph, { start, behind, tokens });
  await phases.prepare(first);
  if (tokens.end === null) return phases.at(first);
  const excluded = [...chat.endTokenIds, ...beginTokens(chat, syntax)];
  const inThought = thought(tokens.end, excluded, () => phases.at([behind]));
  const thinking = thinkingOf(chat);
  if (thinking === 'open') return inThought;
  const mayThink = thinking === 'possible' && tokens.begin !== null;
  return phases.at(first, mayThink ? new Map([[tokens.begin as number, inThought]]) : undefined);
}

/** Where the answer begins, with thoughts whose markers are text. */
function firstOf(
  chat: ChatAnswers,
  graph: CallGraph,
  { start, behind, tokens }: { start: number; behind: number; tokens: ThoughtTokens },
): number[] {
  const { thinking } = chat.answers;
  if (thinking === null || tokens.end !== null) return [start];
  const where = thinkingOf(chat);
  const inThought = graph.state();
  graph.link(inThought, [upTo(thinking.end)], behind);
  if (where === 'open') return [inThought];
  if (where === 'closed' || tokens.begin !== null) return [start];
  const before = graph.state();
  graph.link(before, [text(thinking.begin)], inThought);
  return [start, before];
}

/** Any text, in which a call that begins goes on as one. Null where nothing holds it. */
function automatic(
  chat: ChatAnswers,
  tools: readonly ToolSignature[],
  syntax: ToolCallSyntax | null,
  form: Form | null,
): Phase | null {
  const calls = syntax && readableCalls(chat, tools, syntax);
  const token = calls?.graph.firstToken(calls.start) ?? null;
  if (form !== null) {
    if (calls !== null && token === null) {
      throw new SottoError(
        'bad-option',
        "responseFormat: this model's calls begin with no token of their own, so they cannot be told from an answer of that " +
          "form. Give toolChoice: 'none' with it, or no tools",
      );
    }
    const phases = calls && callPhases(chat, calls, null);
    const other = token === null ? [] : [[token, phases?.behind(calls?.start ?? 0, token)] as const];
    return afterThought(chat, form, new Map(other as [number, Phase][]));
  }
  if (calls === null || syntax === null) return null;
  return token === null ? inText(chat, calls, syntax) : amongTokens(chat, calls, syntax, token);
}

/** Null where a tool's name or schema makes no call that could be held to. */
function readableCalls(
  chat: ChatAnswers,
  tools: readonly ToolSignature[],
  syntax: ToolCallSyntax,
): Calls | null {
  try {
    return callsOf(chat, tools, syntax, { isStrict: false, areSeveral: true });
  } catch (error) {
    if (error instanceof SottoError) return null;
    throw error;
  }
}

/** @param text What follows calls; null where nothing may but their end. */
function callPhases(chat: ChatAnswers, { graph, done }: Calls, text: (() => Phase) | null): CallPhases {
  graph.end(done);
  const compile = async (grammar: Parameters<ChatAnswers['compile']>[0]) => {
    try {
      return await chat.compile(grammar);
    } catch (error) {
      if (error instanceof SottoError) return null; // what cannot be held to is free
      throw error;
    }
  };
  return new CallPhases(chat, graph, compile, text === null ? undefined : { done, next: text });
}

/** Calls begin with a token: until it comes, nothing is asked for. */
function amongTokens(chat: ChatAnswers, calls: Calls, { begins }: ToolCallSyntax, token: number): Phase {
  const exits = new Map<number, () => Phase>();
  const free: Phase = { form: null, excluded: [], exits };
  const phases = callPhases(chat, calls, () => free);
  exits.set(token, () => phases.behind(calls.start, token));
  for (const [id, content] of chat.markers) {
    // Some models leave out what stands around all of their calls.
    if (id !== token && begins.includes(content)) exits.set(id, () => phases.behind(calls.begin, id));
  }
  const { begin, end } = thoughtTokensOf(chat);
  if (end === null) return free;
  // Some models call in a thought that never ends: those are held, too.
  const inThought: Phase = { form: null, excluded: [], exits: new Map([...exits, [end, () => free]]) };
  if (begin !== null) exits.set(begin, () => inThought);
  return thinkingOf(chat) === 'open' ? inThought : free;
}

/** Calls begin with text: all of the answer is held to a grammar. */
function inText(chat: ChatAnswers, calls: Calls, { begins }: ToolCallSyntax): Phase | null {
  const { graph, writing, start, begin, done } = calls;
  const any = graph.state();
  const over = graph.state();
  graph.end(over);
  if (begins.length === 0) {
    if (writing.open !== '') return null; // Python's: whether a name begins a call, shows only behind it
    graph.link(any, [notBeginning(BARE_BEGIN)], over);
    graph.link(any, [], start);
  } else {
    const marker = begins.find((one) => writing.open.startsWith(one));
    if (marker === undefined) return null;
    graph.link(any, [without(marker)], over);
    graph.link(any, [upTo(marker), writing.open.slice(marker.length)], begin);
    graph.link(done, [], any);
  }
  const phases = callPhases(chat, calls, null);
  const { begin: thinkingBegin, end } = thoughtTokensOf(chat);
  const behind = graph.state();
  graph.link(behind, [repeat(text('\n'), 0, 2)], any);
  const instead = new Map<number, Phase>();
  for (const [id, content] of chat.markers) {
    if (content === CODE_TAG) instead.set(id, { form: null, excluded: [], exits: new Map() });
  }
  const answer = () => phases.at([behind], instead);
  const inThought = end === null ? null : thought(end, [], answer);
  const thinking = thinkingOf(chat);
  if (thinking === 'open' && inThought !== null) return inThought;
  const mayThink = thinking === 'possible' && thinkingBegin !== null && inThought !== null;
  return phases.at([any], mayThink ? new Map([...instead, [thinkingBegin, inThought]]) : instead);
}
