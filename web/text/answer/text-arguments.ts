import { isObject, type JsonObject } from '../../base/json.js';
import { isTextSchema, resolvedSchema } from '../../base/json-schema.js';

/** What is known of a tool: which of its arguments are texts, however they look. */
export interface KnownTool {
  readonly name: string;
  /** A JSON Schema. */
  readonly parameters: unknown;
}

/** Whether an argument of a tool is a text, by the tool's schema. */
export function isTextArgument(tools: readonly KnownTool[], name: string, argument: string): boolean {
  const parameters = tools.find((tool) => tool.name === name)?.parameters;
  const properties: unknown = (Object(parameters) as JsonObject).properties;
  if (!isObject(properties) || !Object.hasOwn(properties, argument)) return false;
  return isTextSchema(resolvedSchema(properties[argument], parameters));
}
