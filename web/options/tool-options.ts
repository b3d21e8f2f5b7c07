import { isObject, type JsonObject } from '../base/json.js';
import { plainCopy } from './chat-messages.js';
import { badOption, type Check } from './option-checks.js';
import { readList } from './token-ids.js';

/** A function that the model may call. */
export interface Tool {
  name: string;
  /** What it does, for the model to read. */
  description?: string;
  /** A JSON Schema of an object: the arguments. Default: none. */
  parameters?: object;
}

/**
 * Whether the model has to call a tool. 'auto': as it thinks best; a call that it begins is held to the tools' names and schemas.
 * 'none': it knows them and calls none. 'required': at least one call. A name: calls of that tool.
 */
export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** A tool by what a call of it needs. */
export interface ToolSignature {
  name: string;
  /** A JSON Schema. */
  parameters: unknown;
}

/** The keys of {@link Tool}, and those that OpenAI's interfaces have beside them. */
const PLAIN_KEYS = ['type', 'name', 'description', 'parameters', 'strict'];
const NO_PARAMETERS = { type: 'object', properties: {} };
const CHOICES = "'auto', 'none', 'required' or { name: 'of_a_tool' }";

/** Copies the tools, each as templates read it: `{ type: 'function', function: { name, description, parameters } }`. */
export const toolsCheck: Check<readonly object[]> = (value, name) =>
  readList(value, name, 'an array of tools').map((tool, index) => {
    const place = `${name}[${index}]`;
    if (typeof tool !== 'object' || tool === null) {
      const advice =
        typeof tool === 'function' ? '; the model calls nothing itself: describe the function' : '';
      throw badOption(place, tool, `an object that describes a function${advice}`);
    }
    return forTemplates(plainCopy(tool, place));
  });

/** What is in no known form is left to the template, which may want just that. */
function forTemplates(tool: unknown): object {
  if (!isObject(tool) || typeof tool.name !== 'string') return tool as object;
  if (Object.keys(tool).some((key) => !PLAIN_KEYS.includes(key))) return tool;
  const { type: _, name, description = '', parameters = NO_PARAMETERS, ...others } = tool;
  return { type: 'function', function: { name, description, parameters, ...others } };
}

export const toolChoiceCheck: Check<ToolChoice> = (value, name) => {
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  const given = Object(value) as { name?: unknown; function?: { name?: unknown } };
  const named = given.name ?? Object(given.function).name; // of OpenAI's: { type: 'function', function: { name } }
  if (typeof value === 'object' && typeof named === 'string' && named !== '') return { name: named };
  throw badOption(name, value, CHOICES);
};

/** The tools whose names are known. @param tools Checked. */
export function signaturesOf(tools: readonly unknown[]): ToolSignature[] {
  return tools.flatMap((tool) => {
    const described: JsonObject = isObject(tool) && isObject(tool.function) ? tool.function : Object(tool);
    const { name, parameters = NO_PARAMETERS } = described;
    return typeof name === 'string' && name !== '' ? [{ name, parameters }] : [];
  });
}
