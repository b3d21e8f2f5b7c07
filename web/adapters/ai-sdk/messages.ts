import type { ChatMessage, MessageToolCall, TextPart } from '../../results/chat-message.js';
import type { PromptMessage, PromptPart, ToolResultPromptPart, Warning } from './spec.js';
import { UnsupportedPartError } from './unsupported.js';

/**
 * The SDK's messages as chat templates read them: each result of a tool is a message of its own.
 *
 * @param warnings Gets what is left out.
 * @throws UnsupportedPartError for pictures and other files
 */
export function chatMessages(prompt: readonly PromptMessage[], warnings: Warning[]): ChatMessage[] {
  const leftOut = new Set<string>();
  const messages = prompt.flatMap((message, index): ChatMessage[] => {
    const place = `prompt[${index}]`;
    if (message.role === 'system') return [{ role: 'system', content: message.content }];
    const parts = message.content.filter((part) => {
      if (isReadable(part)) return true;
      leftOut.add(part.type);
      return false;
    });
    for (const part of parts) {
      if (part.type === 'file') throw new UnsupportedPartError(`a file of the type ${part.mediaType}`, place);
    }
    if (message.role === 'tool') return parts.flatMap((part) => toolMessage(part, place));
    if (message.role === 'user') return [{ role: 'user', content: parts.flatMap(textPart) }];
    return [assistantMessage(parts), ...parts.flatMap((part) => toolMessage(part, place))];
  });
  for (const type of leftOut) {
    warnings.push({
      type: 'unsupported',
      feature: `message part ${type}`,
      details: 'Only its own provider reads it: it was left out.',
    });
  }
  return messages;
}

function isReadable({ type }: PromptPart): boolean {
  return type !== 'reasoning-file' && type !== 'custom' && type !== 'tool-approval-response';
}

function textPart(part: PromptPart): TextPart[] {
  return part.type === 'text' ? [{ type: 'text', text: part.text }] : [];
}

function assistantMessage(parts: readonly PromptPart[]): ChatMessage {
  const thoughts = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  const calls = parts.flatMap((part): MessageToolCall[] =>
    part.type === 'tool-call'
      ? [
          {
            type: 'function',
            id: part.toolCallId,
            function: {
              name: part.toolName,
              // What is no object, as of a call that did not parse, is for the template to show.
              arguments: (part.input ?? {}) as MessageToolCall['function']['arguments'],
            },
          },
        ]
      : [],
  );
  return {
    role: 'assistant',
    content: parts.flatMap(textPart),
    ...(thoughts !== '' && { reasoning_content: thoughts }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function toolMessage(part: PromptPart, place: string): ChatMessage[] {
  if (part.type !== 'tool-result') return [];
  const content = outputText(part, place);
  return [{ role: 'tool', tool_call_id: part.toolCallId, name: part.toolName, content }];
}

function outputText({ output, toolName }: ToolResultPromptPart, place: string): string {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value) ?? 'null';
    case 'execution-denied':
      return output.reason ?? 'The user did not allow this call.';
    case 'content':
      return output.value
        .map(({ type, text }) => {
          if (type === 'text' && text !== undefined) return text;
          throw new UnsupportedPartError(`a result of the tool ${toolName} of the type ${type}`, place);
        })
        .join('');
  }
}
