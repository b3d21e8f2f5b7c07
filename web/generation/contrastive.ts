import { yieldToEvents } from '../base/yield-to-events.js';
import type { EngineContrastiveSearch, EngineSession } from '../engine/engine.js';
import type { LogitsProcessor, Strategy } from '../options/generate-options.js';
import type { Answer, ChosenToken } from './answer.js';
import { processorOf } from './length-defaults.js';
import { loadLogitsProcessor } from './logits-processor.js';
import { appendInParts, prefill } from './prefill.js';
import type { Continued, Run } from './run.js';

type Contrastive = Extract<Strategy, { name: 'contrastive' }>;

/**
 * Contrastive search: each step runs the candidates in one pass, each on a fork of the session, which goes on as the fork
 * of the chosen one.
 *
 * @throws SottoError 'out-of-memory', 'bad-file' (weights that give no numbers), 'engine-crashed'; what a logits processor
 * throws.
 */
export async function searchContrastively(run: Run, strategy: Contrastive): Promise<Continued> {
  const { loaded, options } = run;
  const { engine, model, cache, info } = loaded;
  const processor = processorOf(run, await loadLogitsProcessor(options.logitsProcessor));
  const { seed: _, ...chain } = options.sampler;
  const { penaltyAlpha, topK } = strategy;
  const search = engine.createContrastiveSearch(
    { penaltyAlpha, topK, hiddenSize: info.hiddenSize },
    { ...chain, endTokens: info.eosTokenIds },
  );
  let session = run.session;
  let answer: Answer | null = null;
  try {
    session.tap(['hidden']);
    const reading = run.reading();
    const onPass = (nRead: number) => {
      search.addContext(session);
      reading.onPass?.(nRead);
    };
    await prefill(model, cache, [{ ...reading, onPass }], engine.maxChunk);
    search.begin(run.promptIds);
    answer = run.answer(0);
    const ids = [...run.promptIds];
    answer.finishReason = run.interruption;
    while (answer.finishReason === null) {
      session = await step(run, search, session, { answer, ids, processor });
      await run.afterToken(answer, 0);
      await yieldToEvents();
      answer.finishReason ??= run.isAborted ? 'aborted' : null;
    }
    answer.finish();
    run.end([answer.result()]);
    session.tap([]);
    return { session, unread: [] };
  } catch (error) {
    if (answer !== null) run.fail([answer]);
    session.dispose();
    throw error;
  } finally {
    search.dispose();
  }
}

/** Chooses one token; returns the session that has read it. */
async function step(
  { loaded, options }: Run,
  search: EngineContrastiveSearch,
  session: EngineSession,
  { answer, ids, processor }: { answer: Answer; ids: number[]; processor: LogitsProcessor | null },
): Promise<EngineSession> {
  const change = processor && ((logits: Float32Array) => processor(logits, ids));
  const candidates = search.candidates(session, change ?? undefined);
  const forks: EngineSession[] = [];
  try {
    for (const _ of candidates) {
      const fork = loaded.cache.withMemory(() => session.fork());
      forks.push(fork);
      fork.tap(['hidden']);
    }
    const inputs = candidates.map((id, i) => ({ session: forks[i] as EngineSession, ids: [id] }));
    appendInParts(loaded, inputs);
    const index = search.choose(forks);
    const id = candidates[index] as number;
    ids.push(id);
    answer.take(tokenOf(session, id, options.logprobs));
    const [chosen] = forks.splice(index, 1) as [EngineSession];
    session.dispose();
    return chosen;
  } finally {
    for (const fork of forks) fork.dispose();
  }
}

function tokenOf(session: EngineSession, id: number, alternatives: number | null): ChosenToken {
  if (alternatives === null) return { id };
  return { id, logprobs: { tokenId: id, ...session.logProbabilities(id, { alternatives }) } };
}
