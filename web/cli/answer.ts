import type { Generation } from '../page/generation.js';
import { AbortError } from '../results/errors.js';
import type { GenerationResult, Piece } from '../results/generation-result.js';
import { interruptible } from './interrupts.js';
import { dim, printable, say, writeOut } from './terminal.js';

/** What an answer came to. */
export interface Answer {
  result: GenerationResult;
  /** Whether Ctrl-C ended it. */
  isInterrupted: boolean;
}

/**
 * Shows a generation as it comes: its text and the calls of tools as the output, thoughts beside it. The first Ctrl-C ends it.
 *
 * @throws what it rejects with, but for that.
 */
export async function showAnswer(generation: Generation): Promise<Answer> {
  const view = new AnswerView();
  return interruptible(
    () => generation.abort(),
    async () => {
      try {
        for await (const piece of generation) await view.show(piece);
        return { result: await generation.result, isInterrupted: false };
      } catch (error) {
        if (!(error instanceof AbortError)) throw error;
        return { result: error.result, isInterrupted: true };
      } finally {
        await view.end();
      }
    },
  );
}

/** Puts pieces one behind the other, what is output and what is not on lines of their own. */
class AnswerView {
  #last: NonNullable<Piece['kind']> = 'text';
  /** Whether the last line of all, and that of the output, has ended. */
  #isAtLineStart = true;
  #isOutputAtLineStart = true;

  async show({ kind = 'text', text, toolCall, sequence = 0 }: Piece): Promise<void> {
    if (sequence > 0 || (text === '' && toolCall === undefined)) return;
    if (kind !== this.#last && !this.#isAtLineStart) await this.#endLine();
    this.#last = kind;
    if (kind === 'thinking') {
      say(dim(printable(text)));
      this.#isAtLineStart = text.endsWith('\n');
      return;
    }
    // What was called is told in one form, however the model writes it.
    const shown =
      toolCall === undefined
        ? text
        : `${JSON.stringify({ tool: toolCall.name, arguments: toolCall.arguments })}\n`;
    await writeOut(shown);
    this.#isAtLineStart = shown.endsWith('\n');
    this.#isOutputAtLineStart = this.#isAtLineStart;
  }

  /** An output ends with the end of a line. */
  async end(): Promise<void> {
    if (!this.#isAtLineStart) await this.#endLine();
    else if (!this.#isOutputAtLineStart) await writeOut('\n');
  }

  async #endLine(): Promise<void> {
    if (this.#last === 'thinking') say('\n');
    else await writeOut('\n');
    if (this.#last !== 'thinking') this.#isOutputAtLineStart = true;
    this.#isAtLineStart = true;
  }
}

/** What an answer took, beside the output. */
export function sayFigures({ result, isInterrupted }: Answer): void {
  const { usage, timings, finishReason, seed } = result;
  const { completionTokens, promptTokens } = usage;
  const parts = [
    `${completionTokens} ${completionTokens === 1 ? 'token' : 'tokens'} after ${promptTokens}`,
    ...(timings.tokensPerSecond > 0 ? [`${timings.tokensPerSecond.toFixed(1)} tokens/s`] : []),
    ...(completionTokens > 0 ? [`the first after ${timings.timeToFirstTokenMs.toFixed(0)} ms`] : []),
    `ended by ${isInterrupted ? 'Ctrl-C' : finishReason}`,
    `seed ${seed}`,
  ];
  say(`${dim(parts.join(', '))}\n`);
}
