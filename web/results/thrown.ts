/** The most letters that are taken over of a text of somebody else's. */
const MOST_LETTERS = 10_000;

/** A property of anything, or undefined where reading it throws. */
export function readProperty(value: unknown, name: string): unknown {
  try {
    return (Object(value) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Anything as a text of bounded length. Never throws. */
export function textOf(value: unknown, most = MOST_LETTERS): string {
  try {
    const text = String(value);
    return text.length > most ? `${text.slice(0, most)}…` : text;
  } catch {
    return 'it cannot be shown';
  }
}

/** What something that was thrown says of itself, whatever it is. Never throws. */
export function messageOf(thrown: unknown): string {
  const message = readProperty(thrown, 'message');
  return textOf(typeof message === 'string' ? message : thrown);
}

/** `instanceof`, which a proxy's trap cannot make throw. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
