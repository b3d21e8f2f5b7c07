import type { BackendSession } from '../engine/backend.js';
import type { ResolvedChat } from '../options/chat-options.js';
import type { LogitsProcessor, ResolvedGenerateOptions, StopQuestion } from '../options/generate-options.js';
import type { Strategy } from '../options/strategies/strategies.js';
import type { Prompt } from '../options/token-ids.js';
import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import { abortedOutput, type RequestOutput } from '../results/generation-result.js';
import { searchBeams } from './beams.js';
import type { ChatPrompt } from './chats.js';
import { fitPrompt, shifted } from './context-shift.js';
import { searchContrastively } from './contrastive.js';
import { formFor } from './form-for.js';
import type { StoppingCriterion, Streamer } from './hooks.js';
import { forPrompt } from './length-defaults.js';
import { loadLogitsProcessor } from './logits-processor.js';
import type { Leftover } from './loop.js';
import { cutTo, prefill } from './loop.js';
import type { ModelInUse } from './model-in-use.js';
import { commonLength } from './prefix-cache.js';
import { Request, type RequestHooks, type RequestStart } from './request.js';
import { sample } from './sampling.js';
import type { SessionSlot } from './session-slot.js';
import { TapCollector } from './tap-collector.js';
import { requireChats, requireTokenizer, toIds } from './text-input.js';

/** The caller's side of one text. */
export interface Caller {
  streamer: Streamer;
  signal: AbortSignal;
  /** Asked after each token where the options say so. */
  stopWhen(question: StopQuestion): Promise<boolean>;
}

const STRATEGIES: {
  readonly [Name in Strategy['name']]: (requests: readonly Request[]) => Promise<Leftover[]>;
} = {
  sample,
  beams: inTurn(searchBeams),
  contrastive: inTurn(searchContrastively),
};

/**
 * Continues prompts, each from the longest beginning of it that an earlier generation has left.
 *
 * @param callers One for each prompt.
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory', 'bad-option', 'bad-file' (weights
 *   that give no numbers), 'no-chat-template', 'bad-template', 'engine-crashed'; what a logits processor throws.
 */
export async function generateFromPrompts(
  model: ModelInUse,
  prompts: readonly (Prompt | ResolvedChat)[],
  given: ResolvedGenerateOptions,
  callers: readonly Caller[],
): Promise<void> {
  const startMs = performance.now();
  const { options, logitsProcessor } = await prepare(model, given);
  const encoded = await encodeAll(model, prompts, options, callers);
  for (const { streamer } of callers.filter((caller) => !encoded.has(caller))) {
    streamer.end(abortedOutput(options.sampler.seed));
  }
  const texts = [...encoded].map(([caller, { ids, chat }]) => ({
    caller,
    chat,
    promptTokens: ids.length,
    own: forPrompt(options, ids.length),
    ids: fitPrompt(ids, model.info.contextLength, options, 'prompt'),
  }));
  if (texts.length === 0) return;
  const starts: RequestStart[] = [];
  try {
    for (const { ids, promptTokens, chat } of texts) {
      starts.push({ session: await sessionFor(model, ids, options), ids, promptTokens, chat, startMs });
    }
    const requests: Request[] = [];
    for (const [index, { caller, own }] of texts.entries()) {
      const start = starts[index] as RequestStart;
      const form = await formFor(model, own, start);
      requests.push(
        new Request(model, own, start, hooksOf(caller, options, start, { logitsProcessor, form })),
      );
    }
    const leftovers = await STRATEGIES[options.strategy.name](requests);
    for (const { session } of leftovers) model.cache.put(session);
  } catch (error) {
    for (const { session } of starts) session.dispose();
    throw error;
  }
}

/**
 * Continues a session, which holds the answer then; or what it held before when this throws.
 *
 * @param caller Hears of the end when the session has read all of the answer.
 * @throws SottoError as `generateFromPrompts`
 */
export async function generateInSession(
  model: ModelInUse,
  slot: SessionSlot,
  given: ResolvedGenerateOptions,
  caller: Caller,
): Promise<void> {
  await continueSession(model, slot, given, caller, {
    length: () => slot.session.length,
    start: (options) => startInSession(model, slot.session, options, caller.signal),
  });
}

/**
 * Answers in a session's conversation, to which messages are added. The session holds it then, with the answer, and nothing
 * that it had read otherwise; or it is what it was when this throws, or nothing was answered.
 *
 * @throws SottoError as `generateFromPrompts`
 */
export async function chatInSession(
  model: ModelInUse,
  slot: SessionSlot,
  { messages: added, ...rest }: ResolvedChat,
  given: ResolvedGenerateOptions,
  caller: Caller,
): Promise<void> {
  const messages = [...slot.messages, ...added];
  if (messages.length === 0) {
    throw new SottoError('bad-option', "the session's conversation is empty: give a message to answer");
  }
  let chat: ChatPrompt;
  try {
    chat = await requireChats(model).encode({ ...rest, messages }, caller.signal);
  } catch (error) {
    if (!caller.signal.aborted) throw error;
    caller.streamer.end(abortedOutput(given.sampler.seed));
    return;
  }
  await continueSession(model, slot, given, caller, {
    length: () => chat.ids.length,
    start: (options) => startWithChat(model, slot.session, chat, options),
    onAnswer: ({ message }) => {
      const before = rest.continueFinalMessage ? messages.slice(0, -1) : messages;
      slot.messages = [...before, message as ChatMessage];
    },
  });
}

/** What a generation in a session begins with, and what comes of it. */
interface SessionUse {
  /** Tokens of the prompt. */
  length(): number;
  start(options: ResolvedGenerateOptions): Promise<Omit<RequestStart, 'startMs'>>;
  /** Called when the session holds the answer, before the caller hears of it. */
  onAnswer?(output: RequestOutput): void;
}

async function continueSession(
  model: ModelInUse,
  slot: SessionSlot,
  given: ResolvedGenerateOptions,
  caller: Caller,
  use: SessionUse,
): Promise<void> {
  const startMs = performance.now();
  const { options: common, logitsProcessor } = await prepare(model, given);
  const options = forPrompt(common, use.length());
  if (options.numReturnSequences > 1 && options.strategy.name === 'sample') {
    throw new SottoError(
      'bad-option',
      'a session has one text: fork() it, and generate in each of the forks',
    );
  }
  const start = { ...(await use.start(options)), startMs };
  let output: RequestOutput | null = null;
  const end = (told: RequestOutput) => {
    output = told;
  };
  const waiting = { ...caller, streamer: { ...caller.streamer, end } };
  try {
    const form = await formFor(model, options, start);
    const hooks = hooksOf(waiting, options, start, { logitsProcessor, form });
    const request = new Request(model, options, start, hooks);
    const [leftover] = (await STRATEGIES[options.strategy.name]([request])) as [Leftover];
    const { tokenIds, finishReason } = output as unknown as RequestOutput;
    const isError = finishReason === 'context-full' && options.overflow === 'error';
    // Without an answer it may not even have read what the slot's has.
    if (isError || tokenIds.length === 0) leftover.session.dispose();
    else {
      slot.replace(await settle(model, slot, leftover, options));
      use.onAnswer?.(output as unknown as RequestOutput);
    }
  } catch (error) {
    start.session.dispose();
    throw error;
  }
  caller.streamer.end(output as unknown as RequestOutput);
}

/** The token ids of the prompts, but for those whose callers gave them up meanwhile. */
async function encodeAll(
  model: ModelInUse,
  prompts: readonly (Prompt | ResolvedChat)[],
  { specialTokens }: ResolvedGenerateOptions,
  callers: readonly Caller[],
): Promise<Map<Caller, { ids: Int32Array; chat?: ChatPrompt }>> {
  const encoded = new Map<Caller, { ids: Int32Array; chat?: ChatPrompt }>();
  for (const [index, caller] of callers.entries()) {
    const { signal } = caller;
    try {
      const prompt = prompts[index] as Prompt | ResolvedChat;
      if (isChat(prompt)) {
        const chat = await requireChats(model).encode(prompt, signal);
        encoded.set(caller, { ids: chat.ids, chat });
      } else encoded.set(caller, { ids: await toIds(model.tokenizer, prompt, { specialTokens, signal }) });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  return encoded;
}

function isChat(prompt: Prompt | ResolvedChat): prompt is ResolvedChat {
  return typeof prompt === 'object' && 'messages' in prompt;
}

/** Requests that cannot share their passes. */
function inTurn(
  run: (request: Request) => Promise<Leftover>,
): (requests: readonly Request[]) => Promise<Leftover[]> {
  return async (requests) => {
    const leftovers: Leftover[] = [];
    try {
      for (const request of requests) leftovers.push(await run(request));
    } catch (error) {
      for (const { session } of leftovers) session.dispose();
      throw error;
    }
    return leftovers;
  };
}

/** What the page cannot do, as it has no tokenizer, and what has to be loaded. */
async function prepare(
  { tokenizer }: ModelInUse,
  given: ResolvedGenerateOptions,
): Promise<{ options: ResolvedGenerateOptions; logitsProcessor: LogitsProcessor | null }> {
  const { logitsProcessor: address } = given;
  const logitsProcessor = address === null ? null : await loadLogitsProcessor(address);
  if (given.stop.length > 0) requireTokenizer(tokenizer, 'stop');
  if (given.badTexts.length === 0) return { options: given, logitsProcessor };
  const known = requireTokenizer(tokenizer, 'badWords');
  const sequences = given.badTexts
    .flatMap((text) => [text, ` ${text}`])
    .map((text) => known.encode(text, { isContinuation: true }));
  const badWords = [...given.sampler.badWords, ...sequences];
  return { options: { ...given, sampler: { ...given.sampler, badWords } }, logitsProcessor };
}

function hooksOf(
  { streamer, signal, stopWhen }: Caller,
  { asksStopWhen, maxTime }: ResolvedGenerateOptions,
  { startMs }: RequestStart,
  limits: Pick<RequestHooks, 'logitsProcessor' | 'form'>,
): RequestHooks {
  const stoppingCriteria: StoppingCriterion[] = [];
  if (asksStopWhen) {
    stoppingCriteria.push(async ({ wholeText: text, tokenIds, index: sequence }) =>
      (await stopWhen({ text, tokenIds, sequence })) ? 'stop-when' : null,
    );
  }
  if (maxTime !== null) {
    stoppingCriteria.push(() => (performance.now() - startMs >= maxTime ? 'max-time' : null));
  }
  return { streamer, signal, stoppingCriteria, ...limits };
}

/** A session that has read the longest beginning that is kept. Contrastive search wants to see the states of all tokens. */
async function sessionFor(
  { cache, backend }: ModelInUse,
  ids: Int32Array,
  { strategy }: ResolvedGenerateOptions,
): Promise<BackendSession> {
  const kept = strategy.name === 'contrastive' ? null : await cache.withMemory(() => cache.take(ids));
  return kept ?? (await cache.withMemory(() => backend.createSession()));
}

/** A fork of the session that can read and choose: one whose last token's logits are there or still to be read. */
async function startInSession(
  model: ModelInUse,
  session: BackendSession,
  options: ResolvedGenerateOptions,
  signal: AbortSignal,
): Promise<Omit<RequestStart, 'startMs'>> {
  const ids = session.tokens();
  const promptTokens = ids.length;
  if (promptTokens === 0) {
    throw new SottoError('empty-prompt', 'the session is empty: append some text to continue from');
  }
  const fitting = fitPrompt(ids, model.info.contextLength, options, 'session');
  if (fitting.length < promptTokens) {
    const next = await shifted(model, session, options.keepTokens, () => signal.aborted);
    if (next !== null) return { session: next, ids: fitting, promptTokens };
  }
  const { backend, cache } = model;
  if (options.strategy.name === 'contrastive') {
    return { session: await cache.withMemory(() => backend.createSession()), ids, promptTokens };
  }
  // As it is, too, where the shift was aborted: the request ends at once.
  const fork = await cache.withMemory(() => session.fork());
  if (fork.facts.nLogitRows === 0) fork.rewind(promptTokens - 1); // the request reads what is missing
  return { session: fork, ids, promptTokens };
}

/** A fork of the session that has read what a chat's prompt begins with, as far as it is the same. */
async function startWithChat(
  { info, cache, backend }: ModelInUse,
  session: BackendSession,
  chat: ChatPrompt,
  options: ResolvedGenerateOptions,
): Promise<Omit<RequestStart, 'startMs'>> {
  const ids = fitPrompt(chat.ids, info.contextLength, options, 'prompt');
  const promptTokens = chat.ids.length;
  const nKnown = commonLength(session.tokens(), ids.subarray(0, -1));
  if (options.strategy.name === 'contrastive' || nKnown === 0) {
    return { session: await cache.withMemory(() => backend.createSession()), ids, promptTokens, chat };
  }
  const fork = await cache.withMemory(() => session.fork());
  if (nKnown < fork.length) fork.rewind(nKnown);
  return { session: fork, ids, promptTokens, chat };
}

/** Lets the session read the rest of the answer, its last token with the taps that the page wants. */
async function settle(
  model: ModelInUse,
  slot: SessionSlot,
  { session, unread }: Leftover,
  { keepTokens }: ResolvedGenerateOptions,
): Promise<BackendSession> {
  if (unread.length === 0 && slot.tapNames.length === 0) return session;
  const { backend, cache, info } = model;
  let settled = session;
  try {
    if (session.length + unread.length > info.contextLength) {
      // Only a context that shifts gets as far as this.
      settled = (await shifted(model, session, keepTokens, () => false)) as BackendSession;
      session.dispose();
    }
    const last = unread.at(-1) ?? (settled.tokens().at(-1) as number);
    if (unread.length === 0) await cutTo(model, settled, settled.length - 1);
    const others = Int32Array.from(unread.slice(0, -1));
    await prefill(model, [{ session: settled, ids: others, isOver: () => false }]);
    settled.tap(slot.tapNames);
    await cache.withMemory(() => backend.pass([{ session: settled, ids: [last] }]));
  } catch (error) {
    session.dispose();
    settled.dispose();
    throw error;
  }
  const taps = new TapCollector();
  taps.collect(settled);
  slot.taps = taps.taps(backend.config, settled.length);
  return settled;
}
