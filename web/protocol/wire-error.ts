import { isSottoErrorCode, SottoError } from '../results/errors.js';
import { isInstance, readProperty, textOf } from '../results/thrown.js';

/** An error as plain data: structured clone would turn a SottoError into a plain Error without its code. */
export interface WireError {
  name: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: WireError;
  /** Those of an AggregateError. */
  errors?: WireError[];
}

/** The most errors that one brings along as causes and parts, itself included. */
const MOST_ERRORS = 16;

/** Class names are shorter. */
const MOST_LETTERS_OF_NAME = 200;

/**
 * Anything that was thrown as plain data of bounded size. It never throws: causes may lead back to where they began, and
 * what stands in an error may be anything, a getter that throws included.
 */
export function toWireError(thrown: unknown): WireError {
  return write(thrown, new Set());
}

/** @param told What has been written already: it is not written again. */
function write(thrown: unknown, told: Set<unknown>): WireError {
  told.add(thrown);
  if (typeof thrown !== 'object' || thrown === null) return { name: 'Error', message: textOf(thrown) };
  const { name, message, code, stack, cause, errors } = propertiesOf(thrown);
  const writeNext = (next: unknown) =>
    next === undefined || told.has(next) || told.size >= MOST_ERRORS ? [] : [write(next, told)];
  const [writtenCause] = writeNext(cause);
  const parts = isInstance(thrown, AggregateError) ? partsOf(errors).flatMap(writeNext) : [];
  return {
    name: typeof name === 'string' ? textOf(name, MOST_LETTERS_OF_NAME) : 'Error',
    message: textOf(message ?? thrown),
    ...(isInstance(thrown, SottoError) && typeof code === 'string' && isSottoErrorCode(code) && { code }),
    ...(typeof stack === 'string' && { stack: textOf(stack) }),
    ...(writtenCause !== undefined && { cause: writtenCause }),
    ...(parts.length > 0 && { errors: parts }),
  };
}

function propertiesOf(thrown: object): Record<keyof WireError, unknown> {
  const read = (name: keyof WireError) => readProperty(thrown, name);
  return {
    name: read('name'),
    message: read('message'),
    code: read('code'),
    stack: read('stack'),
    cause: read('cause'),
    errors: read('errors'),
  };
}

function partsOf(errors: unknown): unknown[] {
  try {
    return Array.isArray(errors) ? errors.slice(0, MOST_ERRORS) : [];
  } catch {
    return [];
  }
}

export function fromWireError({ name, message, code, stack, cause, errors }: WireError): Error {
  const options = cause === undefined ? {} : { cause: fromWireError(cause) };
  const error = make();
  if (stack !== undefined) error.stack = stack; // where it happened, not where it arrived
  return error;

  function make(): Error {
    if (code !== undefined && isSottoErrorCode(code)) return new SottoError(code, message, options);
    const plain =
      errors === undefined
        ? new Error(message, options)
        : new AggregateError(errors.map(fromWireError), message, options);
    return Object.assign(plain, { name });
  }
}
