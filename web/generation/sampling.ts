import { shortContextLength } from '../architectures/decoder-config.js';
import { yieldToEvents } from '../base/yield-to-events.js';
import type { EngineSampler, EngineSession } from '../engine/engine.js';
import type { LogitsProcessor, ResolvedGenerateOptions } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import type { Answer } from './answer.js';
import { Continuation } from './continuation.js';
import { cutTo } from './cut.js';
import { processorOf } from './length-defaults.js';
import { loadLogitsProcessor } from './logits-processor.js';
import type { ModelInUse } from './model-in-use.js';
import { PromptLookup } from './prompt-lookup.js';
import { type Continued, type Run, readPrompts } from './run.js';
import { slide } from './sliding.js';

/** A continuation with the run that it belongs to. */
interface Sequence {
  run: Run;
  index: number; // within the run
  continuation: Continuation;
}

/**
 * Greedy choice and sampling: all sequences of all runs go on together, in one pass for each step. A sequence's tokens are
 * those that it would have alone.
 *
 * @returns For each run the session of its first answer.
 * @throws SottoError 'out-of-memory', 'bad-file' (weights that give no numbers), 'engine-crashed'; what a logits processor
 * throws.
 */
export async function sample(runs: readonly Run[]): Promise<Continued[]> {
  const { loaded, options } = runs[0] as Run;
  const processor = await loadLogitsProcessor(options.logitsProcessor);
  await readPrompts(runs);
  const sequences: Sequence[] = [];
  try {
    for (const run of runs) {
      for (let index = 0; index < options.numReturnSequences; index++) {
        const continuation = start(run, index, processor);
        continuation.answer.finishReason = run.interruption;
        sequences.push({ run, index, continuation });
      }
    }
    await decode(loaded, sequences, options);
    const firsts = sequences.filter(({ index }) => index === 0);
    return firsts.map(({ continuation: { session, answer } }) => ({
      session,
      unread: answer.tokenIds.slice(-1),
    }));
  } catch (error) {
    for (const run of runs) {
      run.fail(sequences.filter((each) => each.run === run).map(({ continuation }) => continuation.answer));
    }
    for (const { continuation } of sequences) continuation.session.dispose();
    throw error;
  } finally {
    for (const { continuation, index } of sequences) {
      continuation.dispose();
      if (index > 0) continuation.session.dispose();
    }
  }
}

/** The first answer goes on in the run's session, the others in forks of it, which are gone again where this fails. */
function start(run: Run, index: number, processor: LogitsProcessor | null): Continuation {
  const { loaded, options } = run;
  const { engine, cache, info } = loaded;
  const isFirst = index === 0;
  const lookup = options.strategy.name === 'sample' ? options.strategy.promptLookup : null;
  const session = isFirst ? run.session : cache.withMemory(() => run.session.fork());
  let sampler: EngineSampler | null = null;
  try {
    const value = { ...samplerOf(options, index), endTokens: info.eosTokenIds };
    const made = cache.withMemory(() => engine.createSampler(value));
    sampler = made;
    const choosing = {
      sampler: made,
      processor: processorOf(run, processor),
      logprobs: options.logprobs,
      lookup: lookup && new PromptLookup(lookup),
      cutTo: (cut: EngineSession, length: number) => cutTo(loaded, cut, length),
    };
    return cache.withMemory(() => new Continuation(session, run.answer(index), choosing));
  } catch (error) {
    sampler?.dispose();
    if (!isFirst) session.dispose();
    throw error;
  }
}

/** Step after step, until every sequence is over. */
async function decode(
  loaded: ModelInUse,
  sequences: Sequence[],
  options: ResolvedGenerateOptions,
): Promise<void> {
  const { model, cache, engine } = loaded;
  const { contextLength } = loaded.info;
  const shortLength = shortContextLength(model.config);
  const ended = new Set<Run>();
  for (;;) {
    for (const { run, index, continuation } of sequences) {
      if (continuation.isOver) continue;
      await continuation.choose((answer: Answer) => run.afterToken(answer, index));
    }
    endRuns(sequences, ended);
    if (sequences.every(({ continuation }) => continuation.isOver)) return;
    await yieldToEvents();
    for (const { run, continuation } of sequences) {
      continuation.answer.finishReason ??= run.isAborted ? 'aborted' : null;
    }
    const open = sequences.filter(({ continuation }) => !continuation.isOver);
    for (const { run, continuation } of open) await makeRoom(loaded, run, continuation, options);
    const going = open.filter(({ continuation }) => !continuation.isOver);
    for (let begin = 0; begin < going.length; begin += engine.maxChunk) {
      const part = going.slice(begin, begin + engine.maxChunk);
      const share = Math.floor(engine.maxChunk / part.length) - 1; // rows for drafts
      const inputs = part.map(({ continuation }) => {
        const { length } = continuation.session;
        // All rows of a pass have the rotary factors of its end: drafts must not take the others over to long ones.
        const end = length < shortLength ? Math.min(contextLength, shortLength) : contextLength;
        return continuation.nextInput(Math.min(share, end - length - 1));
      });
      cache.withMemory(() => model.appendAll(inputs));
    }
  }
}

/** Tells the page of runs whose sequences are all over, as soon as they are. */
function endRuns(sequences: Sequence[], ended: Set<Run>): void {
  for (const run of new Set(sequences.map((sequence) => sequence.run))) {
    const ours = sequences.filter((sequence) => sequence.run === run).map(({ continuation }) => continuation);
    if (ended.has(run) || !ours.every((continuation) => continuation.isOver)) continue;
    ended.add(run);
    for (const { answer } of ours) answer.finish();
    run.end(ours.map(({ answer }) => answer.result()));
  }
}

/** Makes the context slide on where it is full. */
async function makeRoom(
  loaded: ModelInUse,
  run: Run,
  continuation: Continuation,
  { overflow, keepTokens }: ResolvedGenerateOptions,
): Promise<void> {
  const { session } = continuation;
  if (overflow !== 'slide' || session.length < loaded.info.contextLength) return;
  const next = await slide(loaded, session, keepTokens, () => run.isAborted);
  if (next === null) {
    continuation.answer.finishReason = 'aborted';
    return;
  }
  continuation.session = next;
  session.dispose();
}

/** The i-th of several samples is what the seed `seed + i` gives alone. */
function samplerOf({ sampler }: ResolvedGenerateOptions, index: number): ResolvedGenerateOptions['sampler'] {
  const seed = sampler.seed + index;
  if (Number.isSafeInteger(seed)) return { ...sampler, seed };
  throw new SottoError('bad-option', `seed is ${sampler.seed}; with so many samples it must be smaller`);
}
