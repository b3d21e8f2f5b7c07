import type { EngineSession } from '../engine/engine.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import type { GenerateEvent, Input } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import { searchBeams } from './beams.js';
import { searchContrastively } from './contrastive.js';
import { cutTo } from './cut.js';
import { GenerationClock } from './generation-clock.js';
import { forPrompt } from './length-defaults.js';
import type { ModelInUse } from './model-in-use.js';
import { prefill } from './prefill.js';
import { type Context, type Continued, Run, type Start } from './run.js';
import { sample } from './sampling.js';
import type { SessionSlot } from './session-slot.js';
import { fitPrompt, slide } from './sliding.js';
import { TapCollector } from './tap-collector.js';
import { requireTokenizer, toIds } from './text-input.js';

/**
 * Continues prompts, each from the longest beginning of it that an earlier generation has left.
 *
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory', 'bad-option', 'bad-file' (weights
 *   that give no numbers), 'engine-crashed'; what a logits processor throws.
 */
export async function generateFromPrompts(
  loaded: ModelInUse,
  prompts: readonly Input[],
  given: ResolvedGenerateOptions,
  context: Context,
): Promise<void> {
  const clocks = prompts.map(() => new GenerationClock());
  const options = withTokenizer(loaded, given);
  const { contextLength } = loaded.info;
  const all = prompts.map((prompt) => toIds(loaded.tokenizer, prompt));
  const each = all.map(({ length }) => forPrompt(options, length));
  const fitting = all.map((ids) => fitPrompt(ids, contextLength, options, 'prompt'));
  const starts: Start[] = [];
  try {
    for (const [index, ids] of fitting.entries()) {
      const session = takeSession(loaded, ids, options);
      starts.push({ session, ids, promptTokens: (all[index] as Int32Array).length });
    }
    const runs = starts.map((start, index) => {
      const clock = clocks[index] as GenerationClock;
      return new Run(loaded, each[index] as ResolvedGenerateOptions, start, { index, context, clock });
    });
    for (const { session } of await continueAll(runs)) loaded.cache.put(session);
  } catch (error) {
    for (const { session } of starts) session.dispose();
    throw error;
  }
}

/**
 * Continues a session, which holds the answer then; or what it held before when this throws.
 *
 * @throws SottoError as `generateFromPrompts`
 */
export async function generateInSession(
  loaded: ModelInUse,
  slot: SessionSlot,
  given: ResolvedGenerateOptions,
  context: Context,
): Promise<void> {
  const clock = new GenerationClock();
  const options = forPrompt(withTokenizer(loaded, given), slot.session.length);
  if (options.numReturnSequences > 1 && options.strategy.name === 'sample') {
    throw new SottoError(
      'bad-option',
      'a session has one text: fork() it, and generate in each of the forks',
    );
  }
  const start = await startInSession(loaded, slot.session, options, context);
  // The page hears of the end when the session has read all of it.
  const ends: Extract<GenerateEvent, { type: 'end' }>[] = [];
  const emit = (event: GenerateEvent) => {
    if (event.type === 'end') ends.push(event);
    else context.emit(event);
  };
  try {
    const run = new Run(loaded, options, start, { index: 0, context: { ...context, emit }, clock });
    const [continued] = (await continueAll([run])) as [Continued];
    const { tokenIds, finishReason } = (ends[0] as (typeof ends)[number]).result;
    const isError = finishReason === 'context-full' && options.overflow === 'error';
    // Without an answer it may not even have read what the slot's has.
    if (isError || tokenIds.length === 0) continued.session.dispose();
    else slot.replace(await settle(loaded, slot, continued, options));
  } catch (error) {
    start.session.dispose();
    throw error;
  }
  for (const event of ends) context.emit({ ...event, session: slot.state });
}

/** A session that has read the longest beginning that is kept. Contrastive search wants to see the states of all tokens. */
function takeSession(
  { cache, model }: ModelInUse,
  ids: Int32Array,
  { strategy }: ResolvedGenerateOptions,
): EngineSession {
  const kept = strategy.name === 'contrastive' ? null : cache.take(ids);
  return kept ?? cache.withMemory(() => model.createSession());
}

/** A fork of the session that can read and choose: one whose last token's logits are there or still to be read. */
async function startInSession(
  loaded: ModelInUse,
  session: EngineSession,
  options: ResolvedGenerateOptions,
  context: Context,
): Promise<Start> {
  const ids = session.tokens();
  if (ids.length === 0) {
    throw new SottoError('empty-prompt', 'the session is empty: append some text to continue from');
  }
  const fitting = fitPrompt(ids, loaded.info.contextLength, options, 'session');
  if (fitting.length < ids.length) {
    const next = await slide(loaded, session, options.keepTokens, () => context.signal().aborted);
    if (next !== null) return { session: next, ids: fitting, promptTokens: ids.length };
  }
  if (options.strategy.name === 'contrastive') {
    return {
      session: loaded.cache.withMemory(() => loaded.model.createSession()),
      ids,
      promptTokens: ids.length,
    };
  }
  // As it is, too, where sliding was aborted: the run ends at once.
  const fork = loaded.cache.withMemory(() => session.fork());
  if (fork.logits().length === 0) fork.rewind(ids.length - 1); // the run reads what is missing
  return { session: fork, ids, promptTokens: ids.length };
}

/** Lets the session read the rest of the answer, its last token with the taps that the page wants. */
async function settle(
  loaded: ModelInUse,
  slot: SessionSlot,
  { session, unread }: Continued,
  { keepTokens }: ResolvedGenerateOptions,
): Promise<EngineSession> {
  if (unread.length === 0 && slot.tapNames.length === 0) return session;
  let settled = session;
  try {
    if (session.length + unread.length > loaded.info.contextLength) {
      // Only a context that slides gets as far as this.
      settled = (await slide(loaded, session, keepTokens, () => false)) as EngineSession;
      session.dispose();
    }
    const last = unread.at(-1) ?? (settled.tokens().at(-1) as number);
    if (unread.length === 0) await cutTo(loaded, settled, settled.length - 1);
    const reading = { session: settled, ids: Int32Array.from(unread.slice(0, -1)), isOver: () => false };
    await prefill(loaded.model, loaded.cache, [reading], loaded.engine.maxChunk);
    settled.tap(slot.tapNames);
    loaded.cache.withMemory(() => settled.append([last]));
  } catch (error) {
    session.dispose();
    settled.dispose();
    throw error;
  }
  const taps = new TapCollector();
  taps.collect(settled);
  slot.taps = taps.taps(loaded.model.config, settled.length);
  return settled;
}

/** By the strategy that the options name. */
async function continueAll(runs: readonly Run[]): Promise<Continued[]> {
  const { strategy } = (runs[0] as Run).options;
  if (strategy.name === 'sample') return sample(runs);
  const continued: Continued[] = [];
  try {
    for (const run of runs) {
      const search =
        strategy.name === 'beams' ? searchBeams(run, strategy) : searchContrastively(run, strategy);
      continued.push(await search);
    }
  } catch (error) {
    for (const { session } of continued) session.dispose();
    throw error;
  }
  return continued;
}

/** What the page cannot do, as it has no tokenizer. */
function withTokenizer({ tokenizer }: ModelInUse, options: ResolvedGenerateOptions): ResolvedGenerateOptions {
  if (options.stop.length > 0) requireTokenizer(tokenizer, 'stop');
  if (options.badTexts.length === 0) return options;
  const known = requireTokenizer(tokenizer, 'badWords');
  const sequences = options.badTexts
    .flatMap((text) => [text, ` ${text}`])
    .map((text) => known.encode(text, { isContinuation: true }));
  const badWords = [...options.sampler.badWords, ...sequences];
  return { ...options, sampler: { ...options.sampler, badWords } };
}
