import { Conversation } from './conversation.js';
import { domException, translated } from './errors.js';
import { readInput } from './input.js';
import { ModelSource } from './model-source.js';
import { DownloadReport } from './monitor.js';
import { checkSampling, resolveSampling, samplingParams } from './sampling.js';
import { PromptSession, SessionParts } from './session.js';
import { anySignal } from './signals.js';
import { Tools } from './tools.js';
import type {
  Availability,
  CreateCoreOptions,
  CreateOptions,
  PromptApiOptions,
  PromptExpected,
  SamplingParams,
} from './types.js';

/** What browsers have as `LanguageModel`. */
export interface PromptApi {
  /** Throws: `create` makes sessions. It is there for `instanceof`. */
  new (parts?: never): PromptSession;
  readonly prototype: PromptSession;
  /**
   * A session; the first one loads the model.
   *
   * @throws TypeError and RangeError for options; DOMException 'NotSupportedError' for what the model cannot do,
   * 'NetworkError', 'NotAllowedError', 'OperationError', 'QuotaExceededError', 'AbortError' or the signal's reason, with our
   * error as `cause`
   */
  create(options?: CreateOptions): Promise<PromptSession>;
  /** Whether there can be such sessions, and whether the model has to be fetched for it. @throws as `create` */
  availability(options?: CreateCoreOptions): Promise<Availability>;
  /** What sessions choose tokens with. It is in the model's files, so this loads the model. @throws as `create` */
  params(): Promise<SamplingParams>;
  /** None of the draft's: destroys all sessions and gives the model's memory back. The next `create` loads it again. */
  unload(): Promise<void>;
}

/**
 * The browsers' Prompt API with a model of yours: what `LanguageModel` is where browsers have it.
 *
 * ```ts
 * const LanguageModel = createPromptApi({ source: 'HuggingFaceTB/SmolLM2-135M-Instruct' });
 * const session = await LanguageModel.create();
 * for await (const text of session.promptStreaming('Why is the sky blue?')) console.log(text);
 * ```
 *
 * @throws TypeError unless there is either a source or a model
 */
export function createPromptApi(options: PromptApiOptions): PromptApi {
  const { source, loadOptions, model, ...chat } = options;
  const shared = new ModelSource(options);
  const sessions = new Set<PromptSession>();

  const create = async (given: CreateOptions = {}): Promise<PromptSession> => {
    checkSampling(given);
    const tools = new Tools(given.tools);
    const problem = unsupported(given);
    if (problem !== null) throw domException('NotSupportedError', problem);
    const initial = given.initialPrompts === undefined ? null : readInput([...given.initialPrompts], true);
    if (initial?.isPrefixed) throw domException('SyntaxError', 'initialPrompts cannot have a prefix');
    const { signal, end } = anySignal(given.signal);
    let conversation: Conversation | null = null;
    try {
      signal.throwIfAborted();
      const report = new DownloadReport(given.monitor);
      report.begin();
      const loaded = await shared.load(signal, (progress) => report.onProgress(progress));
      report.end();
      const sampling = resolveSampling(given, loaded.info);
      const { topK, temperature } = sampling;
      // Beside a temperature of 0, which takes the likeliest token, topK would be refused.
      const chosen = { temperature, ...(temperature > 0 && { topK }) };
      conversation = await Conversation.create(loaded, { chat: { ...chat, ...chosen }, tools });
      if (initial !== null && given.initialPrompts?.length !== 0) {
        await conversation.append({ input: initial, signal, onOverflow: () => {} });
        conversation.keepAll();
      }
      const onDestroy = (session: PromptSession) => sessions.delete(session);
      const parts = new SessionParts(conversation, sampling, loaded.info.contextLength, onDestroy);
      const session = new LanguageModel(parts);
      session.destroyWith(given.signal);
      return session;
    } catch (error) {
      await conversation?.dispose().catch(() => {});
      throw translated(given.signal?.aborted ? given.signal.reason : error);
    } finally {
      end();
    }
  };

  class LanguageModel extends PromptSession {
    static create = create;

    static async availability(given: CreateCoreOptions = {}): Promise<Availability> {
      checkSampling(given);
      if (unsupported(given) !== null || given.tools?.some((tool) => tool.execute === undefined)) {
        return 'unavailable';
      }
      return shared.availability();
    }

    static async params(): Promise<SamplingParams> {
      try {
        const { info } = await shared.load(new AbortController().signal, () => {});
        return samplingParams(info);
      } catch (error) {
        throw translated(error);
      }
    }

    static async unload(): Promise<void> {
      for (const session of [...sessions]) session.destroy();
      await shared.unload();
    }

    constructor(parts?: unknown) {
      super(parts);
      sessions.add(this);
    }
  }
  return LanguageModel as PromptApi;
}

/**
 * Puts the API where browsers have theirs: `globalThis.LanguageModel`. A browser's own stays, unless `force` is true.
 *
 * @param options As of `createPromptApi`, and `force`.
 * @returns What `globalThis.LanguageModel` is then.
 */
export function installPromptApi({
  force = false,
  ...options
}: PromptApiOptions & { force?: boolean }): PromptApi {
  const global = globalThis as { LanguageModel?: PromptApi };
  if (global.LanguageModel !== undefined && !force) return global.LanguageModel;
  const value = createPromptApi(options);
  Object.defineProperty(global, 'LanguageModel', { value, configurable: true, writable: true });
  return value;
}

/** What of it no model does here; null where it is none. @throws RangeError for what is no language */
function unsupported({ expectedInputs = [], expectedOutputs = [] }: CreateCoreOptions): string | null {
  const check = (expected: readonly PromptExpected[], what: string, types: readonly string[]) => {
    for (const { type, languages = [] } of expected) {
      Intl.getCanonicalLocales([...languages]);
      if (!types.includes(type))
        return `${what} of type ${type} are not supported: models that run here know text`;
    }
    return null;
  };
  const inputs = ['text', 'tool-response'];
  return check(expectedInputs, 'inputs', inputs) ?? check(expectedOutputs, 'outputs', ['text', 'tool-call']);
}
