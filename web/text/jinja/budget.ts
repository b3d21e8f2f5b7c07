/** What a template did wrong; the line is added where it is known. */
export class TemplateFailure extends Error {
  override readonly name = 'TemplateFailure';
}

export function fail(message: string): never {
  throw new TemplateFailure(message);
}

/** No text, list or rendering is longer. */
export const MAX_LENGTH = 16 * 1024 * 1024;
/** No values, expressions, blocks or calls lie deeper in each other. */
export const MAX_DEPTH = 200;
/** What a step of the interpreter costs; touching a character costs one unit. */
const UNITS_A_STEP = 24;
const UNITS = 40 * 1024 * 1024;
const UNITS_A_CHARACTER = 16;

let left = 0;

/** Runs with a budget of its own: a rendering calls nothing that waits, so there is one at a time. */
export function withBudget<T>(run: () => T): T {
  const outer = left;
  left = UNITS;
  try {
    return run();
  } finally {
    left = outer;
  }
}

/** Lets a rendering of much input take longer. */
export function allowFor(characters: number): void {
  left += UNITS_A_CHARACTER * characters;
}

/** Takes the price of touching so many characters. */
export function spend(units: number): void {
  left -= units;
  if (left < 0) fail('the template takes too many steps or builds too much text: it may never end');
}

/** Takes the price of so many steps: of a value made, compared or moved. */
export function step(count = 1): void {
  spend(UNITS_A_STEP * count);
}

/** Refuses texts and lists that grow without bounds, before they are made. */
export function checkLength(length: number): void {
  if (length > MAX_LENGTH) fail(`a text or list of ${length} elements; at most ${MAX_LENGTH} are made`);
}

/** Refuses values that lie too deep in each other. */
export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) fail(`more than ${MAX_DEPTH} levels of nesting`);
}
