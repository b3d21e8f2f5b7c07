import type { Piece } from '../../results/generation-result.js';
import type { AnswerPart, Content } from './spec.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** As long as Mistral's templates want it. */
const ID_LENGTH = 9;

/** Makes the parts of the SDK's streams out of pieces: text and thoughts in blocks, calls whole. */
export class AnswerParts {
  readonly #usedIds: Set<string>;
  #open: { type: 'text' | 'reasoning'; id: string } | null = null;
  #nBlocks = 0;
  #nReasoningTokens = 0;

  /** @param usedIds The ids of earlier calls, which no other call may have. */
  constructor(usedIds: Iterable<string>) {
    this.#usedIds = new Set(usedIds);
  }

  /** How many of the answer's tokens were thoughts. */
  get nReasoningTokens(): number {
    return this.#nReasoningTokens;
  }

  next({ kind = 'text', text, tokenIds, toolCall }: Piece): AnswerPart[] {
    if (kind === 'thinking') this.#nReasoningTokens += tokenIds.length;
    if (toolCall !== undefined) {
      const id = this.#callId(toolCall.id);
      const { name: toolName } = toolCall;
      const input = JSON.stringify(toolCall.arguments);
      return [
        ...this.end(),
        { type: 'tool-input-start', id, toolName },
        { type: 'tool-input-delta', id, delta: input },
        { type: 'tool-input-end', id },
        { type: 'tool-call', toolCallId: id, toolName, input },
      ];
    }
    if (text === '') return [];
    const { parts, type, id } = this.#block(kind === 'thinking' ? 'reasoning' : 'text');
    return [...parts, { type: `${type}-delta`, id, delta: text }];
  }

  /** Ends the open block. */
  end(): AnswerPart[] {
    if (this.#open === null) return [];
    const { type, id } = this.#open;
    this.#open = null;
    return [{ type: `${type}-end`, id }];
  }

  #block(type: 'text' | 'reasoning') {
    if (this.#open?.type === type) return { parts: [], ...this.#open };
    const ended = this.end();
    const id = String(this.#nBlocks++);
    this.#open = { type, id };
    return { parts: [...ended, { type: `${type}-start`, id }] satisfies AnswerPart[], type, id };
  }

  /** The model's own, unless there is none or it was there before: small models repeat them. */
  #callId(given: string | null): string {
    let id = given ?? '';
    while (id === '' || this.#usedIds.has(id)) id = randomId();
    this.#usedIds.add(id);
    return id;
  }
}

export function randomId(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(ID_LENGTH));
  return Array.from(numbers, (number) => DIGITS[number % DIGITS.length]).join('');
}

/** An answer's content out of its parts. */
export function contentOf(parts: readonly AnswerPart[]): Content[] {
  const content: Content[] = [];
  for (const part of parts) {
    const last = content.at(-1);
    if (part.type === 'tool-call') content.push(part);
    else if (part.type === 'text-start') content.push({ type: 'text', text: '' });
    else if (part.type === 'reasoning-start') content.push({ type: 'reasoning', text: '' });
    else if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      if (last !== undefined && last.type !== 'tool-call') last.text += part.delta;
    }
  }
  return content;
}
