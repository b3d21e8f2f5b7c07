import { SottoError } from '../results/errors.js';
import { badOption, type Check, oneOf, readGiven, show } from './option-checks.js';

/** What an answer has to look like. */
export type ResponseFormat =
  /** A JSON object or array. */
  | { type: 'json' }
  | JsonSchemaFormat
  /** A text that the whole of a regular expression matches: JavaScript's, with the flag u. */
  | { type: 'regex'; pattern: string }
  /** A text of a context-free grammar, in GBNF, as llama.cpp has it, or EBNF; its first rule is `root`. */
  | { type: 'grammar'; grammar: string }
  /** One of these texts. */
  | { type: 'choice'; options: readonly string[] };

/** A JSON value that a schema describes. */
export interface JsonSchemaFormat {
  type: 'json-schema';
  /** A JSON Schema, as zod, valibot and TypeBox make them: draft 2020-12, or an older one in what they share. */
  schema: unknown;
  /** False passes over what of the schema cannot be enforced; else it is refused, by its name. Default: true. */
  strict?: boolean;
}

/** As the worker gets it: plain data, its types checked. */
export type ResolvedResponseFormat =
  | { type: 'json' }
  | { type: 'json-schema'; schema: unknown; strict: boolean }
  | { type: 'regex'; pattern: string }
  | { type: 'grammar'; grammar: string }
  | { type: 'choice'; options: string[] };

/** The most characters of a pattern, a grammar or all options of a choice; values of a schema. */
const MOST_PATTERN = 16_384;
const MOST_GRAMMAR = 262_144;
const MOST_OPTIONS = 10_000;
const MOST_OPTION_CHARACTERS = 300_000;
const MOST_SCHEMA_VALUES = 50_000;
const MOST_SCHEMA_DEPTH = 64;

const KINDS = {
  json: [],
  'json-schema': ['schema', 'strict'],
  regex: ['pattern'],
  grammar: ['grammar'],
  choice: ['options'],
} as const;

type Kind = keyof typeof KINDS;

/** Checks types and sizes; what a form means, the worker finds out. */
export const responseFormatCheck: Check<ResolvedResponseFormat> = (value, name) =>
  readGiven(name, () => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badOption(name, value, "an object such as { type: 'json' }, or { type: 'json-schema', schema }");
    }
    const given = value as Record<string, unknown>;
    const type = oneOf(Object.keys(KINDS) as Kind[])(given.type, `${name}.type`);
    for (const key of Object.keys(given)) {
      if (key !== 'type' && !(KINDS[type] as readonly string[]).includes(key))
        throw unknownKey(name, type, key);
    }
    return readFormat(type, given, name);
  });

function readFormat(type: Kind, given: Record<string, unknown>, name: string): ResolvedResponseFormat {
  const textOf = (key: string, most: number) => {
    const value = given[key];
    if (typeof value === 'string' && value.length <= most) return value;
    throw badOption(`${name}.${key}`, value, `a string of at most ${most} characters`);
  };
  switch (type) {
    case 'json':
      return { type };
    case 'json-schema': {
      const { strict = true } = given;
      if (typeof strict !== 'boolean') throw badOption(`${name}.strict`, strict, 'true or false');
      return { type, schema: copySchema(given.schema, `${name}.schema`), strict };
    }
    case 'regex': {
      const { pattern } = given;
      if (typeof pattern !== 'string') {
        const advice = typeof pattern === 'object' ? ' (of a RegExp, its source)' : '';
        throw badOption(`${name}.pattern`, pattern, `a string${advice}`);
      }
      return { type, pattern: textOf('pattern', MOST_PATTERN) };
    }
    case 'grammar':
      return { type, grammar: textOf('grammar', MOST_GRAMMAR) };
    case 'choice':
      return { type, options: readOptions(given.options, `${name}.options`) };
  }
}

function readOptions(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_OPTIONS) {
    throw badOption(name, value, `an array of 1 to ${MOST_OPTIONS} strings`);
  }
  let nCharacters = 0;
  return Array.from({ length: value.length }, (_, i) => {
    const option: unknown = value[i];
    if (typeof option !== 'string') throw badOption(`${name}[${i}]`, option, 'a string');
    nCharacters += option.length;
    if (nCharacters > MOST_OPTION_CHARACTERS) {
      throw new SottoError('bad-option', `${name} has more than ${MOST_OPTION_CHARACTERS} characters in all`);
    }
    return option;
  });
}

/** A copy of a schema: plain data, as JSON has it. What has no place in JSON is left out, as JSON.stringify does. */
function copySchema(given: unknown, name: string): unknown {
  if (typeof given !== 'boolean' && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw badOption(name, given, 'a JSON Schema: an object, or true');
  }
  let nValues = 0;
  const fail = (path: string, problem: string) => new SottoError('bad-option', `${path} ${problem}`);
  const copy = (value: unknown, path: string, depth: number): unknown => {
    if (depth > MOST_SCHEMA_DEPTH) throw fail(name, `is nested more than ${MOST_SCHEMA_DEPTH} levels deep`);
    if (++nValues > MOST_SCHEMA_VALUES) throw fail(name, `holds more than ${MOST_SCHEMA_VALUES} values`);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (Array.isArray(value)) {
      return Array.from({ length: value.length }, (_, i) => copy(value[i], `${path}[${i}]`, depth + 1));
    }
    if (typeof value !== 'object') throw fail(path, `is ${show(value)}, which JSON has no place for`);
    const entries: [string, unknown][] = [];
    for (const key of Object.keys(value)) {
      const member: unknown = (value as Record<string, unknown>)[key];
      if (member === undefined || typeof member === 'function') continue;
      entries.push([key, copy(member, `${path}.${key}`, depth + 1)]);
    }
    return Object.fromEntries(entries);
  };
  return copy(given, name, 0);
}

function unknownKey(name: string, type: Kind, key: string): SottoError {
  const known = KINDS[type];
  const has = known.length === 0 ? 'nothing else' : known.join(' and ');
  return new SottoError('bad-option', `${name} has a key ${show(key)}; with type: '${type}' it has ${has}`);
}
