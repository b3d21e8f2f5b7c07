import type { GenerationResult } from './generation-result.js';

/**
 * Every reason for which sotto refuses or gives up, as a stable string to switch on.
 * The list is also what crosses the worker border and what the C++ engine reports in its status.
 */
export const SOTTO_ERROR_CODES = [
  /** A file that the model needs is not where the source says. */
  'file-not-found',
  /** The connection was cut, or the server answered with an error. Trying again may help. */
  'network',
  /** A hub gives the model to nobody, or only to those with a token: it is private, gated, taken down, or not there. */
  'access-denied',
  /** A container or a JSON file is truncated, corrupted, or not what its name says. */
  'bad-file',
  /** The weight files lack a tensor that the architecture needs. */
  'missing-tensor',
  /** A tensor has the wrong shape or type, or comes twice. */
  'bad-tensor',
  /** An architecture, a value in config.json or a weight type that this version does not run. */
  'unsupported-model',
  /** config.json holds sizes that are absurd or contradict each other. */
  'bad-config',
  /** tokenizer.json describes a tokenizer that this version does not run. */
  'unsupported-tokenizer',
  /** Text was given or asked for, and the model came without a tokenizer. */
  'no-tokenizer',
  /** A chat was asked for, and neither the model nor the caller has a template for it. */
  'no-chat-template',
  /** A chat template that is damaged, refuses the messages, or does not end. */
  'bad-template',
  /** Nothing to continue: the prompt holds no token. */
  'empty-prompt',
  /** The prompt does not fit into the model's context. */
  'prompt-too-long',
  /** The context filled up, and `overflow` is 'error'; the error's `result` holds what there was. */
  'context-full',
  /** A token id outside the vocabulary. */
  'bad-token',
  /** An option that does not exist, most often a typing error. */
  'unknown-option',
  /** An option with a value outside its range or of the wrong type. */
  'bad-option',
  /** Bytes to restore a session from that are damaged, or of another model or version. */
  'bad-session',
  /** The object was used after it was disposed. */
  'disposed',
  /** What is kept of models cannot be read or written; the model can be loaded without: `store: false`. */
  'store',
  /** There is no room to keep a model: of the disk, or of what the browser allows. */
  'store-full',
  /** The memory does not suffice: of WebAssembly, of the machine, or of `memoryLimit`. */
  'out-of-memory',
  /** The browser or runtime lacks something that sotto needs. */
  'unsupported-environment',
  /** The engine stopped at a bug; load the model again. */
  'engine-crashed',
] as const;

/** One of {@link SOTTO_ERROR_CODES}. */
export type SottoErrorCode = (typeof SOTTO_ERROR_CODES)[number];

/** What {@link SottoError} takes besides its code and message. */
export interface SottoErrorOptions {
  /** The error that led to this one. */
  cause?: unknown;
  /** What there was of a generation that ended with it. */
  result?: GenerationResult;
}

/**
 * What sotto throws for bad input, bad files and missing resources: the message says what was wrong,
 * with the numbers, and what to do; `code` is for programs.
 */
export class SottoError extends Error {
  override readonly name = 'SottoError';
  /** The reason, stable between releases. */
  readonly code: SottoErrorCode;

  /** What there was of the generation that ended with this error, where it had begun; its `finishReason` is then 'aborted', or
   * 'context-full' with that code.
   */
  declare readonly result?: GenerationResult;

  /** @param options What led to it, and what there was of the generation. */
  constructor(code: SottoErrorCode, message: string, { result, ...options }: SottoErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (result !== undefined) this.result = result;
  }
}

/** What a generation rejects with that the caller gave up: by a signal, `abort()`, or by leaving its loop. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  /** What there was by then; its `finishReason` is 'aborted'. */
  readonly result: GenerationResult;

  /** @param reason The signal's, as `cause`. */
  constructor(result: GenerationResult, reason?: unknown) {
    super('the generation was aborted', { cause: reason });
    this.result = result;
  }
}

/**
 * The package's scripts each bring these classes, and a page may have the package twice: `instanceof` of one holds for what
 * the others made.
 */
function beOneInAllCopies(type: typeof SottoError | typeof AbortError, name: string): void {
  const mark = Symbol.for(`sotto.${name}`);
  Object.defineProperty(type.prototype, mark, { value: true });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, value: unknown) {
      if (this !== type) return Function.prototype[Symbol.hasInstance].call(this, value); // a class that extends it
      return typeof value === 'object' && value !== null && mark in value;
    },
  });
}
beOneInAllCopies(SottoError, 'SottoError');
beOneInAllCopies(AbortError, 'AbortError');

/** Whether a string, such as a code in the engine's status, names one of sotto's error codes. */
export function isSottoErrorCode(code: string): code is SottoErrorCode {
  return (SOTTO_ERROR_CODES as readonly string[]).includes(code);
}
