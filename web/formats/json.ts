import { SottoError } from '../results/errors.js';
import { contentKind } from './content-kind.js';

/** Deeper ones are made to overflow stacks; tokenizer.json files have about ten levels. */
const MAX_DEPTH = 100;

/**
 * Parses the content of a JSON file. NaN, Infinity and -Infinity, which Python writes, are the numbers of these names.
 *
 * @throws SottoError 'bad-file' when it is no UTF-8 or no JSON, or nested more than 100 levels deep.
 */
export function parseJsonFile(bytes: Uint8Array, fileName: string): unknown {
  const bad = (problem: string, advice: string, cause?: unknown) =>
    new SottoError('bad-file', `${fileName} (${bytes.byteLength} bytes) ${problem}. ${advice}`, { cause });
  let value: unknown;
  try {
    value = parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const kind = contentKind(bytes);
    if (kind !== null) throw bad(`is no JSON but ${kind.what}`, kind.advice);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw bad(`is not valid JSON: ${why}`, 'Download the file again.', cause);
  }
  if (!isWithinDepth(value))
    throw bad(`is nested more than ${MAX_DEPTH} levels deep`, 'It is no file of a model.');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/\b(?:NaN|Infinity)\b/.test(text)) throw error;
    return parsePython(text, error);
  }
}

/** What Python's json module writes for numbers that JSON has not, as numbers that it has, or as a string to be found again. */
function parsePython(text: string, error: unknown): unknown {
  let notANumber = 'NaN';
  while (text.includes(`"${notANumber}"`)) notANumber += '_';
  const replacements: Readonly<Record<string, string>> = {
    NaN: `"${notANumber}"`,
    Infinity: '1e999',
    '-Infinity': '-1e999',
  };
  const plain = text.replace(
    /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:Infinity|NaN)\b/gs,
    (token) => replacements[token] ?? token,
  );
  try {
    return JSON.parse(plain, (_, value) => (value === notANumber ? Number.NaN : value));
  } catch {
    throw error; // its positions are those of the file
  }
}

/** Level by level: a recursion would be what is guarded against. */
function isWithinDepth(value: unknown): boolean {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_DEPTH) return false;
    level = level.flatMap((parent) => Object.values(parent).filter(isNested));
  }
  return true;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
