import { yieldToEvents } from '../base/yield-to-events.js';
import type { BackendSession } from '../engine/backend.js';
import type { ModelInUse } from './model-in-use.js';

/** What a session reads in a pass. */
export interface PassInput {
  session: BackendSession;
  ids: ArrayLike<number>;
  /** Whether it has logits for each of them then, else for the last one. */
  allLogits?: boolean;
  /** How many tokens follow in later passes. */
  nToCome?: number;
}

/** Chooses what comes next, pass after pass. */
export interface DecodingStrategy {
  readonly isOver: boolean;
  /** Chooses by what the last pass gave. */
  choose(): Promise<void>;
  /** What the next pass reads; nothing where it is over by now. */
  nextInputs(): Promise<readonly PassInput[]>;
}

/** What a request leaves behind. */
export interface Leftover {
  session: BackendSession;
  /** Tokens of prompt and answer that the session has not read. */
  unread: readonly number[];
}

/** Tokens that a session is to read. */
export interface PromptToRead {
  session: BackendSession;
  ids: Int32Array;
  /** Looked at between two passes: the rest is not read any more. */
  isOver(): boolean;
  /** Called after each pass with the number of tokens that are read. */
  onPass?(nRead: number): void;
}

/**
 * Runs prompts through the model, several in one pass where they fit into it, and lets events through between two passes.
 *
 * @throws SottoError 'out-of-memory'; the prompts are then at different places.
 */
export async function prefill(
  { backend, cache }: Pick<ModelInUse, 'backend' | 'cache'>,
  prompts: readonly PromptToRead[],
): Promise<void> {
  const left = prompts.map((prompt) => ({ prompt, nRead: 0 }));
  for (let isFirst = true; ; isFirst = false) {
    const open = left.filter(({ prompt, nRead }) => nRead < prompt.ids.length && !prompt.isOver());
    if (open.length === 0) return;
    if (!isFirst) {
      await yieldToEvents();
      if (open.some(({ prompt }) => prompt.isOver())) continue;
    }
    let room = backend.maxChunk;
    const parts: { entry: (typeof open)[number]; input: PassInput }[] = [];
    for (const entry of open) {
      const { prompt, nRead } = entry;
      const ids = prompt.ids.subarray(nRead, nRead + room);
      const nToCome = prompt.ids.length - nRead - ids.length;
      if (ids.length > 0) parts.push({ entry, input: { session: prompt.session, ids, nToCome } });
      room -= ids.length;
    }
    await cache.withMemory(() => backend.pass(parts.map(({ input }) => input)));
    for (const { entry, input } of parts) {
      entry.nRead += input.ids.length;
      entry.prompt.onPass?.(entry.nRead);
    }
  }
}

/**
 * Makes a session forget the tokens from a position on. What its model cannot keep before them is read again, in passes
 * that let events through. Who reads on anyway takes `BackendSession.rewind` and its answer instead.
 *
 * @throws SottoError 'out-of-memory'; the session is shorter then.
 */
export async function cutTo(
  model: Pick<ModelInUse, 'backend' | 'cache'>,
  session: BackendSession,
  length: number,
): Promise<void> {
  const ids = session.tokens().subarray(0, length);
  const reached = session.rewind(length);
  if (reached < length) {
    await prefill(model, [{ session, ids: ids.subarray(reached), isOver: () => false }]);
  }
}

/** Step after step, until the strategy has nothing more to choose. */
export async function decode({ backend, cache }: ModelInUse, strategy: DecodingStrategy): Promise<void> {
  for (;;) {
    await strategy.choose();
    if (strategy.isOver) return;
    await yieldToEvents();
    const inputs = await strategy.nextInputs();
    for (let begin = 0; begin < inputs.length; ) {
      let end = begin;
      for (let nTokens = 0; end < inputs.length; end++) {
        nTokens += (inputs[end] as PassInput).ids.length;
        if (nTokens > backend.maxChunk) break;
      }
      const part = inputs.slice(begin, end);
      await backend.pass(part).catch((error: unknown) => cache.retry(error, () => backend.pass(part)));
      begin = end;
    }
  }
}
