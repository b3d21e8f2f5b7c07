import { quoted } from './quoted.js';

/** What a JSON file's objects are before anything of them is checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of somebody else's file for a message: quoted and short, whatever it is and however deep. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (ArrayBuffer.isView(value)) return 'length' in value ? `a list of ${String(value.length)}` : 'bytes';
  if (isObject(value)) return 'an object';
  if (!Array.isArray(value)) return value === undefined ? 'none' : String(value);
  const isShort = value.length > 0 && value.length <= 8;
  const areNumbers = value.every((item) => typeof item === 'number');
  return isShort && areNumbers ? `[${value.join(', ')}]` : `a list of ${value.length}`;
}
