/** What a JSON file's objects are before anything of them is checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of somebody else's file for a message: quoted and short, whatever it is and however deep. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (!Array.isArray(value)) return isObject(value) ? 'an object' : String(value);
  const items = value.slice(0, 4).map((item) => (Array.isArray(item) ? 'a list' : shown(item)));
  return `[${items.join(', ')}${value.length > items.length ? ', …' : ''}]`;
}
