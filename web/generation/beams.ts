import { yieldToEvents } from '../base/yield-to-events.js';
import type { EngineBeamSearch, EngineSession } from '../engine/engine.js';
import type { Strategy } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import { processorOf } from './length-defaults.js';
import { loadLogitsProcessor } from './logits-processor.js';
import { appendInParts } from './prefill.js';
import type { PrefixCache } from './prefix-cache.js';
import { type Continued, type Run, readPrompts } from './run.js';

type Beams = Extract<Strategy, { name: 'beams' }>;

/**
 * Beam search: each step runs all beams in one pass, each on a fork of the session that it comes from.
 *
 * @throws SottoError 'out-of-memory', 'bad-file' (weights that give no numbers), 'engine-crashed'; what a logits processor
 * throws.
 */
export async function searchBeams(run: Run, strategy: Beams): Promise<Continued> {
  const { loaded, options } = run;
  const processor = processorOf(run, await loadLogitsProcessor(options.logitsProcessor));
  const { name: _, ...beams } = strategy;
  const { numReturnSequences } = options;
  const endTokens = loaded.info.eosTokenIds;
  const { mostTokens: maxNewTokens } = run.limit;
  const { seed: _seed, ...chain } = options.sampler;
  const sampler = { ...chain, endTokens };
  const search = loaded.engine.createBeamSearch(
    { ...beams, numReturnSequences, maxNewTokens },
    sampler,
    run.promptIds,
  );
  let sessions: EngineSession[] = [];
  try {
    await readPrompts([run]);
    sessions = [loaded.cache.withMemory(() => run.session.fork())];
    const change =
      processor &&
      ((row: Float32Array, beam: number) => processor(row, [...run.promptIds, ...search.tokens(beam)]));
    while (run.interruption === null) {
      const moves = search.advance(sessions, change ?? undefined);
      run.tokenChosen();
      if (search.isDone || moves.length === 0) break;
      sessions = branch(loaded.cache, sessions, moves);
      const inputs = moves.map(({ tokenId }, i) => ({
        session: sessions[i] as EngineSession,
        ids: [tokenId],
      }));
      appendInParts(loaded, inputs);
      await yieldToEvents();
    }
    const best = conclude(run, search);
    return nearest(run, sessions, [...run.promptIds, ...best]);
  } catch (error) {
    const isGone = error instanceof SottoError && ['engine-crashed', 'disposed'].includes(error.code);
    if (!isGone && sessions.length > 0 && !search.isDone) {
      const answer = run.answer(0);
      for (const id of search.tokens(0)) answer.take({ id });
      run.fail([answer]);
    }
    throw error;
  } finally {
    for (const session of sessions) session.dispose();
    search.dispose();
  }
}

/** The sessions of the next beams: a parent itself for its first beam, forks for the others. On an error all are as before. */
function branch(
  cache: PrefixCache,
  sessions: readonly EngineSession[],
  moves: readonly { parent: number }[],
): EngineSession[] {
  const taken = new Set<number>();
  const forks: EngineSession[] = [];
  try {
    const next = moves.map(({ parent }) => {
      const session = sessions[parent] as EngineSession;
      if (!taken.has(parent)) {
        taken.add(parent);
        return session;
      }
      const fork = cache.withMemory(() => session.fork());
      forks.push(fork);
      return fork;
    });
    for (const [parent, session] of sessions.entries()) if (!taken.has(parent)) session.dispose();
    return next;
  } catch (error) {
    for (const fork of forks) fork.dispose();
    throw error;
  }
}

/** A fork of the session that has read the most of these tokens, the run's or a beam's. */
function nearest(run: Run, beams: readonly EngineSession[], ids: readonly number[]): Continued {
  let nearest = run.session;
  let nMost = 0;
  for (const session of [run.session, ...beams]) {
    const tokens = session.tokens();
    const end = tokens.findIndex((token, i) => token !== ids[i]);
    const nCommon = end < 0 ? tokens.length : end;
    if (nCommon > nMost) [nearest, nMost] = [session, nCommon];
  }
  const { cache } = run.loaded;
  const session = cache.withMemory(() => (nearest as EngineSession).fork());
  const nRead = session.rewind(nMost);
  run.session.dispose();
  return { session, unread: ids.slice(nRead) };
}

/** Tells the page of the answers; of a search that was interrupted, at least of the best beam as far as it came. */
function conclude(run: Run, search: EngineBeamSearch): number[] {
  const ended = search.finish();
  const isEarly = run.interruption !== null && !search.isDone;
  const found = ended.length > 0 && !(isEarly && run.isAborted) ? ended : [{ tokenIds: search.tokens(0) }];
  const sequences = found.map((sequence, i) => {
    const answer = run.answer(i);
    for (const id of sequence.tokenIds) answer.take({ id });
    answer.finish(isEarly ? (run.interruption ?? 'max-time') : undefined);
    return { ...answer.result(), ...('score' in sequence && { score: sequence.score }) };
  });
  run.end(sequences);
  return found[0]?.tokenIds ?? [];
}
