import { AbortError, SottoError, type SottoErrorCode } from '../../results/errors.js';

/** The draft's names for what goes wrong; all other codes are an 'UnknownError'. */
const NAMES: Partial<Record<SottoErrorCode, string>> = {
  'file-not-found': 'NetworkError',
  network: 'NetworkError',
  'access-denied': 'NotAllowedError',
  'unsupported-model': 'NotSupportedError',
  'unsupported-tokenizer': 'NotSupportedError',
  'unsupported-environment': 'NotSupportedError',
  'no-tokenizer': 'NotSupportedError',
  'no-chat-template': 'NotSupportedError',
  'out-of-memory': 'OperationError',
  disposed: 'InvalidStateError',
};

/** A DOMException with a cause, which browsers do not take. */
export function domException(name: string, message: string, cause?: unknown): DOMException {
  return withCause(new DOMException(message, name), cause);
}

/** A native TypeError or the like, as WebIDL throws it for arguments. */
export function withCause<T extends Error>(error: T, cause: unknown): T {
  if (cause === undefined) return error;
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
}

/** What browsers without the interface of this name throw in its place. */
class QuotaExceeded extends DOMException {
  readonly requested: number;
  readonly quota: number;

  constructor(message: string, { requested, quota }: { requested: number; quota: number }) {
    super(message, 'QuotaExceededError');
    this.requested = requested;
    this.quota = quota;
  }
}

/** @param requested The tokens that would have to be there, of `quota`. */
export function quotaExceeded(requested: number, quota: number, cause?: unknown): DOMException {
  const { QuotaExceededError = QuotaExceeded } = globalThis as { QuotaExceededError?: typeof QuotaExceeded };
  const message =
    `${requested} tokens would have to be in the context, which holds ${quota} with at least one of the answer: ` +
    'shorten the prompt, or begin another session';
  return withCause(new QuotaExceededError(message, { requested, quota }), cause);
}

/** What was thrown, in the draft's terms. What is none of ours, such as a signal's reason, stays what it is. */
export function translated(error: unknown): unknown {
  if (error instanceof AbortError) return domException('AbortError', error.message, error);
  if (!(error instanceof SottoError)) return error;
  const { code, message } = error;
  if (code === 'bad-option' || code === 'unknown-option') return withCause(new TypeError(message), error);
  return domException(NAMES[code] ?? 'UnknownError', message, error);
}
