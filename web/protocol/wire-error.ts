import { isSottoErrorCode, SottoError } from '../results/errors.js';

/** An error as plain data: structured clone would turn a SottoError into a plain Error without its code. */
export interface WireError {
  name: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: WireError;
}

export function toWireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...(error instanceof SottoError && { code: error.code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: toWireError(cause) }),
  };
}

export function fromWireError({ name, message, code, stack, cause }: WireError): Error {
  const options = cause === undefined ? {} : { cause: fromWireError(cause) };
  const isOurs = code !== undefined && isSottoErrorCode(code);
  const error = isOurs
    ? new SottoError(code, message, options)
    : Object.assign(new Error(message, options), { name });
  if (stack !== undefined) error.stack = stack; // where it happened, not where it arrived
  return error;
}
