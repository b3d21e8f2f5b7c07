import type { AssistantMessage, ChatMessage, MessageToolCall } from '../../results/chat-message.js';
import { messageOf } from '../../results/thrown.js';
import { domException } from './errors.js';
import { untilAborted } from './signals.js';
import type { PromptTool } from './types.js';

/** The functions that a session's model may call. */
export class Tools {
  /** As chat templates want them. */
  readonly descriptions: readonly object[];
  readonly #byName: ReadonlyMap<string, PromptTool>;

  /** @throws TypeError for what is no tool; DOMException 'NotSupportedError' for one that cannot be run */
  constructor(given: readonly PromptTool[] = []) {
    const tools = [...given];
    for (const [index, tool] of tools.entries()) {
      const { name, description, inputSchema, execute } = Object(tool) as Record<string, unknown>;
      if (
        typeof name !== 'string' ||
        typeof description !== 'string' ||
        Object(inputSchema) !== inputSchema
      ) {
        throw new TypeError(`tools[${index}] must have a name, a description and an inputSchema`);
      }
      if (typeof execute !== 'function') {
        const problem = 'has no function execute; calls that the caller answers are not supported';
        throw domException('NotSupportedError', `tools[${index}] ${problem}`);
      }
    }
    this.#byName = new Map(tools.map((tool) => [tool.name, tool]));
    this.descriptions = tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name, description, parameters: inputSchema },
    }));
  }

  /** Runs what an answer calls, all side by side. @returns The messages that answer the calls. */
  async run(message: AssistantMessage | undefined, signal: AbortSignal): Promise<ChatMessage[]> {
    if (this.#byName.size === 0) return [];
    const runs = (message?.tool_calls ?? []).map(async (call) => toolMessage(call, await this.#run(call)));
    return untilAborted(Promise.all(runs), signal);
  }

  /** What goes wrong is the model's to hear of. */
  async #run({ function: { name, arguments: given } }: MessageToolCall): Promise<string> {
    const tool = this.#byName.get(name);
    if (tool === undefined) return `Error: there is no tool ${name}`;
    try {
      return String(await tool.execute(given));
    } catch (error) {
      return `Error: ${messageOf(error)}`;
    }
  }
}

function toolMessage({ id, function: { name } }: MessageToolCall, content: string): ChatMessage {
  return { role: 'tool', name, content, ...(id !== undefined && { tool_call_id: id }) };
}
