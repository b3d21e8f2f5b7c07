/** A function that the model wants to be called, as it wrote it: nothing says that there is such a function. */
export interface ToolCall {
  /** As the model gave it, or null: most formats have none. */
  id: string | null;
  name: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** A tool call as it stands in a message: in the form that chat templates read. */
export interface MessageToolCall {
  type: 'function';
  id?: string;
  function: { name: string; arguments: Readonly<Record<string, unknown>> };
}

/** A part of a message's content. */
export interface TextPart {
  type: 'text';
  text: string;
}

/**
 * One message of a conversation, in the form that transformers' chat templates read and other libraries use. What else a
 * template reads of a message may stand in it, too.
 */
export interface ChatMessage {
  /** 'system', 'user', 'assistant', 'tool', or what else the model's template knows. */
  role: string;
  /** What was said. Parts become one text. */
  content?: string | readonly TextPart[] | null;
  /** What the model thought before, where its template wants to see it. */
  reasoning_content?: string;
  /** What an assistant's message calls; the arguments as an object, or as the JSON text of one. */
  tool_calls?: readonly unknown[];
  /** Of a tool's message: which call it answers. */
  tool_call_id?: string;
  /** Of a tool's message: the tool. */
  name?: string;
  [key: string]: unknown;
}

/** What the model said, to be put behind the other messages as it is. */
export interface AssistantMessage extends ChatMessage {
  role: 'assistant';
  content: string;
  tool_calls?: MessageToolCall[];
}

/** What of an answer makes its message: pieces are such. */
export interface AnswerText {
  kind?: 'text' | 'thinking' | 'tool-call';
  text: string;
  toolCall?: ToolCall;
}

/** The text of an answer alone, without what it thought and called. */
export function contentOf(parts: readonly AnswerText[]): string {
  return parts.map(({ kind = 'text', text }) => (kind === 'text' ? text : '')).join('');
}

/** @param before The content that the message had when the answer began: it goes on with it. */
export function assistantMessage(parts: readonly AnswerText[], before = ''): AssistantMessage {
  const thoughts = parts.map(({ kind, text }) => (kind === 'thinking' ? text : '')).join('');
  const calls = parts.flatMap(({ toolCall }) => toolCall ?? []);
  return {
    role: 'assistant',
    content: before + contentOf(parts),
    ...(thoughts !== '' && { reasoning_content: thoughts }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: given }) => ({
        type: 'function' as const,
        ...(id !== null && { id }),
        function: { name, arguments: given },
      })),
    }),
  };
}
