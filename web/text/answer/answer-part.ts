import type { ToolCall } from '../../results/chat-message.js';

/** A part of an answer. All texts of the kinds text and thinking, in turn, are the content. */
export type AnswerPart =
  | { kind: 'text'; text: string }
  | { kind: 'thinking'; text: string }
  /** As written, with its markers: where one list holds several calls, all of it stands with the first. */
  | { kind: 'tool-call'; text: string; toolCall: ToolCall }
  /** A call that cannot be read, as written, and why. */
  | { kind: 'text'; text: string; reason: string };

/** Adds text to the last part, if that is of this kind, or else as a part. */
export function addText(parts: AnswerPart[], kind: 'text' | 'thinking', text: string): void {
  if (text === '') return;
  const last = parts.at(-1);
  if (last?.kind === kind && !('reason' in last)) last.text += text;
  else parts.push(kind === 'text' ? { kind, text } : { kind, text });
}
