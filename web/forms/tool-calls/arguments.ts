import { isObject, type JsonObject } from '../../base/json.js';
import { isTextSchema, resolvedSchema } from '../../base/json-schema.js';
import { SottoError } from '../../results/errors.js';
import { choice, EMPTY, type Expression, optional, rule, sequence, text } from '../grammar.js';
import { VALUE_RULES } from '../json-parts.js';
import { compileSchema } from '../schema/compile-schema.js';
import type { Piece } from './call-graph.js';
import { without } from './texts.js';

/** A tool, as the grammar of its calls is made of it. */
export interface CallableTool {
  readonly name: string;
  readonly parameters: unknown;
  /** What messages call the schema. */
  readonly path: string;
}

/** One argument of a call, where the format writes each by itself. */
interface Parameter {
  readonly name: string;
  readonly schema: unknown;
  readonly path: string;
  readonly isRequired: boolean;
}

/** What a schema of arguments may say where each argument is written by itself. */
const OF_ARGUMENTS = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  '$schema',
  '$id',
  '$defs',
  'definitions',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
]);

/** What a schema of a text may say where the text stands without quotes. */
const OF_TEXT = new Set(['type', 'enum', 'const', '$comment', 'title', 'description', 'default', 'examples']);

const PYTHON_WORDS: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };
const PYTHON_NAME = /^[\p{L}_][\p{L}\p{N}_.-]*$/u;
const TAG_NAME = /^[^\s<>"'=]+$/;

/** Writes what calls of tools are made of. */
export class ArgumentWriter {
  /** Those that what it returns refers to. */
  readonly rules = new Map<string, Expression>(VALUE_RULES);
  readonly #isStrict: boolean;

  /** @param isStrict Whether what cannot be enforced is refused, with an error, or passed over. */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  /** All arguments as a JSON object. */
  json({ parameters, path }: CallableTool): Expression {
    try {
      return compileSchema(objectSchema(parameters, path), path, this.#isStrict, this.rules);
    } catch (error) {
      return this.#passOver(error, rule('object'));
    }
  }

  /** As keyword arguments of Python's, each a literal. */
  python(tool: CallableTool): Expression {
    if (!PYTHON_NAME.test(tool.name)) throw this.#badName(tool.name, tool.path);
    const members = this.#parametersOf(tool).map((parameter) => {
      if (!PYTHON_NAME.test(parameter.name)) throw this.#badName(parameter.name, parameter.path);
      const value = this.#value(parameter, tool);
      return { ...parameter, text: sequence(text(`${parameter.name}=`), asPython(value)) };
    });
    for (const [name, expression] of this.rules) this.rules.set(name, asPython(expression));
    // From the last one to the first: what may follow where something stands before, and where nothing does.
    let [after, first]: [Expression, Expression] = [EMPTY, EMPTY];
    for (const [i, { text: own, isRequired }] of [...members.entries()].reverse()) {
      const name = `${tool.path} behind ${i}`;
      this.rules.set(name, after);
      const with_ = sequence(own, rule(name));
      const behind = sequence(text(', '), with_);
      [after, first] = isRequired ? [behind, with_] : [choice(behind, after), choice(with_, first)];
    }
    return first;
  }

  /**
   * As elements, one after the other.
   *
   * @param write Puts the tags of a name around its value.
   * @param ends What no text may hold: it would end there.
   */
  elements(
    tool: CallableTool,
    write: (name: string, value: Expression, isText: boolean) => readonly Piece[],
    ends: readonly string[],
  ): Piece[] {
    if (!TAG_NAME.test(tool.name)) throw this.#badName(tool.name, tool.path);
    return this.#parametersOf(tool).flatMap((parameter): Piece[] => {
      const { name, schema, path, isRequired } = parameter;
      if (!TAG_NAME.test(name)) throw this.#badName(name, path);
      const isText = isTextSchema(resolvedSchema(schema, tool.parameters));
      const value = isText ? this.#text(parameter, tool, ends) : this.#bare(parameter, tool, ends);
      const pieces = write(name, value, isText);
      return isRequired ? [...pieces] : [{ optional: pieces }];
    });
  }

  /** A text without quotes, up to the tag that ends it. */
  #text({ schema, path }: Parameter, tool: CallableTool, ends: readonly string[]): Expression {
    const found = resolvedSchema(schema, tool.parameters);
    if (!isObject(found)) return without(...ends);
    const unknown = Object.keys(found).find((key) => !OF_TEXT.has(key));
    if (unknown !== undefined) this.#refuse(`${path}.${unknown}`);
    const values = found.const === undefined ? found.enum : [found.const];
    if (!Array.isArray(values)) return without(...ends);
    const texts = values.filter(
      (value): value is string =>
        typeof value === 'string' && !ends.some((end) => value.includes(end)) && value === value.trim(),
    );
    if (texts.length < values.length) this.#refuse(`${path}.enum`);
    return texts.length === 0 ? without(...ends) : choice(...texts.map(text));
  }

  /** A value that is JSON, and not a text: such stand without quotes, and would be other values. */
  #bare(parameter: Parameter, tool: CallableTool, ends: readonly string[]): Expression {
    const { schema, path } = parameter;
    const found = resolvedSchema(schema, tool.parameters);
    if (mayBeText(found)) {
      this.#refuse(path, 'may be a text or another value, which look alike');
      return without(...ends);
    }
    return this.#value(parameter, tool);
  }

  #value({ schema, path }: Parameter, tool: CallableTool): Expression {
    try {
      const { $defs, definitions } = Object(tool.parameters) as JsonObject;
      const shared = isObject(schema)
        ? {
            ...($defs !== undefined && { $defs }),
            ...(definitions !== undefined && { definitions }),
            ...schema,
          }
        : schema;
      return compileSchema(shared, path, this.#isStrict, this.rules);
    } catch (error) {
      return this.#passOver(error, rule('value'));
    }
  }

  #parametersOf({ parameters, path }: CallableTool): Parameter[] {
    const schema = Object(objectSchema(parameters, path)) as JsonObject;
    const unknown = Object.keys(schema).find((key) => !OF_ARGUMENTS.has(key));
    if (unknown !== undefined) this.#refuse(`${path}.${unknown}`);
    const properties = isObject(schema.properties) ? schema.properties : {};
    const required = Array.isArray(schema.required) ? schema.required : [];
    const missing = required.find((name) => typeof name === 'string' && !Object.hasOwn(properties, name));
    if (missing !== undefined) this.#refuse(`${path}.required`, `names ${missing}, which is no property`);
    return Object.entries(properties).flatMap(([name, own]): Parameter[] =>
      own === false
        ? []
        : [{ name, schema: own, path: `${path}.properties.${name}`, isRequired: required.includes(name) }],
    );
  }

  #refuse(path: string, why = 'cannot be enforced in the form in which this model writes calls'): void {
    if (!this.#isStrict) return;
    throw new SottoError(
      'bad-option',
      `${path} ${why}. Leave it out, or give toolChoice: 'auto', which passes over it`,
    );
  }

  #badName(name: string, path: string): SottoError {
    return new SottoError(
      'bad-option',
      `${path}: the name '${name.slice(0, 80)}' cannot be written in the form in which this model writes calls: ` +
        'use letters, digits and _',
    );
  }

  #passOver(error: unknown, instead: Expression): Expression {
    if (this.#isStrict || !(error instanceof SottoError)) throw error;
    return instead;
  }
}

/** Arguments are an object, whatever else the schema says; where it names none, there are none. */
function objectSchema(schema: unknown, path: string): unknown {
  if (schema === true || schema === undefined || schema === null) return { type: 'object' };
  if (!isObject(schema)) return schema;
  const { type = 'object' } = schema;
  const types = Array.isArray(type) ? type : [type];
  if (!types.includes('object')) {
    throw new SottoError('bad-option', `${path}.type leaves no object, and the arguments of a call are one`);
  }
  const namesNone = isObject(schema.properties) && Object.keys(schema.properties).length === 0;
  const saysMore = Object.keys(schema).some((key) => !OF_ARGUMENTS.has(key));
  const isClosed = namesNone && !saysMore && schema.additionalProperties === undefined;
  return { ...schema, type: 'object', ...(isClosed && { additionalProperties: false }) };
}

/** Whether some of a schema's values are texts, as far as it can be told. */
function mayBeText(schema: unknown): boolean {
  if (!isObject(schema)) return schema !== false;
  const { type, enum: values, const: value, anyOf, oneOf } = schema;
  if (type !== undefined) return (Array.isArray(type) ? type : [type]).includes('string');
  if (value !== undefined) return typeof value === 'string';
  if (Array.isArray(values)) return values.some((one) => typeof one === 'string');
  const options = anyOf ?? oneOf;
  return Array.isArray(options) ? options.some(mayBeText) : schema.$ref === undefined;
}

/** JSON with Python's words. What stands in quotes is the same in both. */
function asPython(expression: Expression): Expression {
  switch (expression.kind) {
    case 'text':
      return text(PYTHON_WORDS[expression.text] ?? expression.text);
    case 'sequence':
      return sequence(...expression.parts.map(asPython));
    case 'choice':
      return choice(...expression.options.map(asPython));
    case 'repeat':
      return expression.least === 0 && expression.most === 1
        ? optional(asPython(expression.part))
        : { ...expression, part: asPython(expression.part) };
    default:
      return expression;
  }
}
