import type { AnswerFormat } from '../../text/answer/answer-format.js';
import type { Form } from '../constraint.js';
import type { Grammar } from '../grammar.js';
import { OVER, type Phase, type PhaseUse } from './phases.js';

/** What a form of a chat's answers depends on, besides what is to be written. */
export interface ChatAnswers extends PhaseUse {
  readonly answers: AnswerFormat;
  /** The text of the chat template. */
  readonly template: string;
  /** Tokens that are no text of an answer, but may begin or end a part of it: id to text. */
  readonly markers: ReadonlyMap<number, string>;
  /** The prompt's end tells whether the answer begins inside a thought. */
  readonly prompt: string;
  /** How many bytes of text a token has. */
  bytesOf(id: number): Uint8Array | null;
  /** The token of a text that is one token. */
  tokenOf(text: string): number | null;
  compile(grammar: Grammar): Promise<Form>;
}

/** The tokens around a thought; null where they are no tokens. */
export interface ThoughtTokens {
  readonly begin: number | null;
  readonly end: number | null;
}

/** How an answer stands to thinking when it begins. */
export type Thinking = 'open' | 'closed' | 'possible' | 'unknown';

export function thinkingOf({ answers: { thinking }, prompt }: ChatAnswers): Thinking {
  if (thinking === null) return 'unknown';
  const end = prompt.trimEnd();
  if (end.endsWith(thinking.begin.trimEnd())) return 'open';
  return end.endsWith(thinking.end.trimEnd()) ? 'closed' : 'possible';
}

export function thoughtTokensOf({ answers: { thinking }, markers }: ChatAnswers): ThoughtTokens {
  let begin: number | null = null;
  let end: number | null = null;
  for (const [id, content] of markers) {
    if (content === '' || thinking === null) continue;
    if (thinking.begin === content || (begin === null && thinking.begin.startsWith(content))) begin = id;
    if (thinking.end === content) end = id;
  }
  return { begin, end };
}

/** A thought: any text up to the token that ends it. */
export function thought(end: number, excluded: readonly number[], next: () => Phase): Phase {
  return { form: null, excluded, exits: new Map([[end, next]]) };
}

/** Markers whose texts a form might take for its own. */
export function textMarkers({ markers, bytesOf }: ChatAnswers, except: Iterable<number>): number[] {
  const kept = new Set(except);
  return [...markers.keys()].filter((id) => !kept.has(id) && (bytesOf(id)?.length ?? 0) > 0);
}

/**
 * An answer of a form of its own, behind a thought where the model has one: then empty lines may come before it.
 *
 * @param others What may come instead of it, by its first token.
 */
export function afterThought(chat: ChatAnswers, form: Form, others: ReadonlyMap<number, Phase>): Phase {
  const thinking = thinkingOf(chat);
  const { begin, end } = thoughtTokensOf(chat);
  const exits = new Map(chat.endTokenIds.map((id) => [id, OVER]));
  const answer = (instead: ReadonlyMap<number, Phase>): Phase => ({
    form: async () => form,
    exits,
    instead,
    excluded: textMarkers(chat, instead.keys()),
  });
  const behind = () => answer(new Map([...others, ...blankLines(chat, () => answer(others))]));
  const inThought = end === null ? null : thought(end, chat.endTokenIds, behind);
  if (thinking === 'open' && inThought !== null) return inThought;
  const mayThink = thinking === 'possible' && begin !== null && inThought !== null;
  return answer(mayThink ? new Map([...others, [begin, inThought]]) : others);
}

/** One line end or two. */
function blankLines({ tokenOf }: ChatAnswers, next: () => Phase): Map<number, Phase> {
  const lines = new Map<number, Phase>();
  const [one, two] = [tokenOf('\n'), tokenOf('\n\n')];
  const behind = next();
  if (two !== null) lines.set(two, behind);
  if (one !== null) {
    const second = new Map([...(behind.instead ?? []), [one, behind] as const]);
    lines.set(one, { ...behind, instead: second });
  }
  return lines;
}
