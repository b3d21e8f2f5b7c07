import { yieldToEvents } from '../base/yield-to-events.js';
import type { EngineModel, EngineSession, SessionInput } from '../engine/engine.js';
import type { ModelInUse } from './model-in-use.js';
import type { PrefixCache } from './prefix-cache.js';

/** Tokens that a session is to read. */
export interface Reading {
  session: EngineSession;
  ids: Int32Array;
  /** Looked at between two passes: the rest is not read any more. */
  isOver(): boolean;
  /** Called after each pass with the number of tokens that are read. */
  onPass?(nRead: number): void;
}

/**
 * Runs the tokens of all readings through the model, several sessions in one pass where they fit into it, and lets events
 * through between two passes.
 *
 * @throws SottoError 'out-of-memory'; readings are then at different places.
 */
export async function prefill(
  model: EngineModel,
  cache: PrefixCache,
  readings: readonly Reading[],
  maxChunk: number,
): Promise<void> {
  const left = readings.map((reading) => ({ reading, nRead: 0 }));
  for (let isFirst = true; ; isFirst = false) {
    const open = left.filter(({ reading, nRead }) => nRead < reading.ids.length && !reading.isOver());
    if (open.length === 0) return;
    if (!isFirst) {
      await yieldToEvents();
      if (open.some(({ reading }) => reading.isOver())) continue;
    }
    let room = maxChunk;
    const taken: { part: (typeof open)[number]; input: SessionInput }[] = [];
    for (const part of open) {
      const { reading, nRead } = part;
      const ids = reading.ids.subarray(nRead, nRead + room);
      const nToCome = reading.ids.length - nRead - ids.length;
      if (ids.length > 0) taken.push({ part, input: { session: reading.session, ids, nToCome } });
      room -= ids.length;
    }
    cache.withMemory(() => model.appendAll(taken.map(({ input }) => input)));
    for (const { part, input } of taken) {
      part.nRead += input.ids.length;
      part.reading.onPass?.(part.nRead);
    }
  }
}

/**
 * Appends to sessions in as few passes as their number allows.
 *
 * @param inputs One token for each.
 * @throws SottoError 'out-of-memory'
 */
export function appendInParts(
  { model, cache, engine: { maxChunk } }: Pick<ModelInUse, 'model' | 'cache' | 'engine'>,
  inputs: readonly SessionInput[],
): void {
  for (let begin = 0; begin < inputs.length; begin += maxChunk) {
    cache.withMemory(() => model.appendAll(inputs.slice(begin, begin + maxChunk)));
  }
}
