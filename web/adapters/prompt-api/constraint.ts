import type { ResponseFormat } from '../../options/response-format.js';
import { SottoError } from '../../results/errors.js';
import { domException } from './errors.js';
import type { PromptOptions } from './types.js';

/** What an answer has to fit. */
export interface Constraint {
  format: ResponseFormat;
  /** Whether a text is a whole answer. */
  isMet(text: string): boolean;
}

/** What a schema's refusal says where it is right, but asks for what cannot be enforced. */
const NOT_ENFORCED = /strict: false/;

/**
 * @throws TypeError for what is neither a schema nor a RegExp; DOMException 'NotSupportedError' for flags that are not
 * supported
 */
export function readConstraint(options: PromptOptions): Constraint | null {
  const { responseConstraint: given, omitResponseConstraintInput = false } = options;
  if (given === undefined || given === null) {
    if (!omitResponseConstraintInput) return null;
    throw new TypeError('omitResponseConstraintInput is true, and there is no responseConstraint');
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new TypeError('responseConstraint must be a JSON Schema, which is an object, or a RegExp');
  }
  return Object.prototype.toString.call(given) === '[object RegExp]'
    ? ofRegExp(given as RegExp)
    : { format: { type: 'json-schema', schema: given }, isMet: isJson };
}

function ofRegExp({ source, flags }: RegExp): Constraint {
  if (!/^[uv]?$/.test(flags)) {
    const problem = `the responseConstraint has the flags '${flags}'; only u and v, or none, are supported`;
    throw domException('NotSupportedError', problem);
  }
  const whole = new RegExp(`^(?:${source})$`, flags);
  return { format: { type: 'regex', pattern: source }, isMet: (text) => whole.test(text) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The error of an answer that ended before it was whole. */
export function notMet(text: string): DOMException {
  const shown = text.length > 60 ? `…${text.slice(-60)}` : text;
  return domException(
    'SyntaxError',
    `the answer came to its greatest length before it fitted the responseConstraint; it ends with ${JSON.stringify(shown)}`,
  );
}

/** What the engine says of a constraint, in the draft's terms; anything else as it is. */
export function constraintError(error: unknown, { format }: Constraint): unknown {
  if (!(error instanceof SottoError) || !/^responseFormat\b/.test(error.message)) return error;
  // A RegExp is right by itself, so it is always something that is not supported.
  const isRight = format.type === 'regex' || NOT_ENFORCED.test(error.message);
  const message = error.message.replace(/^responseFormat\.(?:schema|pattern)/, 'responseConstraint');
  return domException(isRight ? 'NotSupportedError' : 'SyntaxError', message, error);
}
