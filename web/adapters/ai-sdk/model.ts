import { onAbort } from '../../base/on-abort.js';
import type { Generation } from '../../page/generation.js';
import type { LanguageModel } from '../../page/language-model.js';
import { SottoError } from '../../results/errors.js';
import type { Piece } from '../../results/generation-result.js';
import { isInstance } from '../../results/thrown.js';
import { AnswerParts, contentOf, randomId } from './answer-parts.js';
import { chatCall, PROVIDER, type SottoProviderOptions } from './call-options.js';
import { failureOf, finishOf } from './finish.js';
import type {
  AnswerPart,
  CallOptions,
  GenerateResult,
  ResponseMetadata,
  SottoLanguageModel,
  SpecificationVersion,
  StreamPart,
  StreamResult,
  Warning,
} from './spec.js';

/** What the adapter needs of a model. */
export type ChatModel = Pick<LanguageModel, 'chat' | 'info'>;

/** A model, or what it will come from: a promise, or a function that is called at the first answer. */
export type ModelInput = ChatModel | PromiseLike<ChatModel> | (() => ChatModel | PromiseLike<ChatModel>);

/** An answer on its way. */
interface Answer {
  generation: Generation;
  parts: AnswerParts;
  /** Why texts that began as calls are none. */
  brokenCalls: string[];
  response: ResponseMetadata;
  warnings: Warning[];
}

/** What `sotto()` returns. */
export class SdkModel<Version extends SpecificationVersion> implements SottoLanguageModel<Version> {
  readonly provider = PROVIDER;
  readonly supportedUrls = {};
  readonly #input: ModelInput;
  readonly #options: SottoProviderOptions;
  readonly #givenId: string | undefined;
  #loading: Promise<ChatModel> | null = null;
  #model: ChatModel | null;

  constructor(
    readonly specificationVersion: Version,
    input: ModelInput,
    options: SottoProviderOptions,
    modelId: string | undefined,
  ) {
    this.#input = input;
    this.#options = options;
    this.#givenId = modelId;
    this.#model = isModel(input) ? input : null;
  }

  /** The given one, else what the model's files call it, else its architecture; 'model' before it is loaded. */
  get modelId(): string {
    const info = this.#model?.info;
    return this.#givenId ?? info?.name ?? info?.architecture ?? 'model';
  }

  async doGenerate(options: CallOptions): Promise<GenerateResult> {
    const answer = await this.#start(options);
    const parts: AnswerPart[] = [];
    for await (const piece of answer.generation) parts.push(...nextParts(answer, piece));
    const { nReasoningTokens } = answer.parts;
    return {
      content: contentOf(parts),
      ...finishOf(await answer.generation.result, nReasoningTokens, answer.brokenCalls),
      response: answer.response,
      warnings: answer.warnings,
    };
  }

  async doStream(options: CallOptions): Promise<StreamResult> {
    const answer = await this.#start(options);
    const parts = streamParts(answer, options.includeRawChunks === true);
    const stream = new ReadableStream<StreamPart>({
      pull: async (controller) => {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => answer.generation.abort(reason),
    });
    return { stream };
  }

  async #start(call: CallOptions): Promise<Answer> {
    const { messages, options, warnings } = chatCall(call, this.#options);
    const model = await this.#load(call.abortSignal);
    if (
      options.chatTemplate === undefined &&
      model.info.hasTokenizer &&
      model.info.chatTemplates.length === 0
    )
      throw noTemplate();
    return {
      generation: model.chat(messages, options),
      parts: new AnswerParts(callIds(call)),
      brokenCalls: [],
      response: { id: randomId(), timestamp: new Date(), modelId: this.modelId },
      warnings,
    };
  }

  /** Loads it once; one that could not be loaded is asked for anew the next time. The signal ends the waiting, not the loading. */
  async #load(signal: AbortSignal | undefined): Promise<ChatModel> {
    signal?.throwIfAborted();
    if (this.#model !== null) return this.#model;
    this.#loading ??= load(this.#input).then(
      (model) => {
        this.#model = model;
        return model;
      },
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    const loading = this.#loading;
    return new Promise((resolve, reject) => {
      const stopListening = onAbort(signal, () => reject(signal?.reason));
      loading.then(resolve, reject).finally(stopListening);
    });
  }
}

/** A model of ours, and no other thing. */
export function isModel(value: unknown): value is ChatModel {
  const { chat, info } = Object(value) as Partial<Record<'chat' | 'info', unknown>>;
  return typeof chat === 'function' && typeof info === 'object' && info !== null;
}

async function load(input: ModelInput): Promise<ChatModel> {
  const model: unknown = await (typeof input === 'function' ? input() : input);
  if (isModel(model)) return model;
  throw new SottoError(
    'bad-option',
    'what was to be the model is none: return that of LanguageModel.load(), or a promise of it',
  );
}

function noTemplate(): SottoError {
  return new SottoError(
    'no-chat-template',
    "the AI SDK always sends messages, and the model's files have no chat template to make a prompt of them. Give one: " +
      "sotto(model, { chatTemplate }), 'chatml', 'llama3', 'gemma', 'zephyr' or the text of a Jinja template; for a model " +
      "that only continues texts, '{% for message in messages %}{{ message.content }}{% endfor %}'",
  );
}

/** The ids of the calls that the messages hold. */
function callIds({ prompt }: CallOptions): string[] {
  return prompt.flatMap((message) =>
    message.role === 'system'
      ? []
      : message.content.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : [])),
  );
}

function nextParts({ parts, brokenCalls }: Answer, piece: Piece): AnswerPart[] {
  if (piece.reason !== undefined) brokenCalls.push(piece.reason);
  return parts.next(piece);
}

/** Everything that a stream says. It throws at an abort alone: another error is a part, as what came before it counts. */
async function* streamParts(answer: Answer, withRaw: boolean): AsyncGenerator<StreamPart, void, undefined> {
  const { generation, parts, brokenCalls, response, warnings } = answer;
  yield { type: 'stream-start', warnings };
  yield { type: 'response-metadata', ...response };
  try {
    for await (const piece of generation) {
      if (withRaw) yield { type: 'raw', rawValue: piece };
      yield* nextParts(answer, piece);
    }
    yield* parts.end();
    yield { type: 'finish', ...finishOf(await generation.result, parts.nReasoningTokens, brokenCalls) };
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    yield* parts.end();
    yield { type: 'error', error };
    const { result } = isInstance(error, SottoError) ? error : {};
    yield { type: 'finish', ...failureOf(result, parts.nReasoningTokens) };
  }
}
