/** One option on the command line. */
export interface Flag {
  /** Without its dashes, such as `top-p`. */
  readonly name: string;
  /** A single letter that stands for it. */
  readonly short?: string;
  /** What the help calls its value; absent for a switch, which has none. */
  readonly value?: string;
  readonly help: string;
  /** Whether it may be given several times; its value is a list then. */
  readonly isMultiple?: boolean;
  /** Whose option of the library it sets, by its name in camel case: `topP` for `top-p`. */
  readonly of?: 'load' | 'generate' | 'chat';
  /** Makes the value of the text, or throws a SottoError or {@link UsageError}. Default: the text itself. */
  read?(text: string, shownName: string): unknown;
}

/** What stands on the command line behind the command's name. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** What was given, by the flag's name: true for a switch. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** `sotto <name>`. */
export interface Command {
  readonly name: string;
  /** What stands behind the name, such as `SOURCE [PROMPT]`. */
  readonly usage: string;
  /** In a few words, for the list of commands. */
  readonly summary: string;
  /** In a few lines, for its own help. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /** Lines behind `sotto <name>`. */
  readonly examples: readonly string[];
  /** @returns The exit status. */
  run(given: Arguments): Promise<number>;
}

/** The statuses that the program ends with. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** A command line that means nothing: its message is all that is printed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The option of the library that a flag sets: `topP` for `top-p`. */
export function optionName({ name }: Pick<Flag, 'name'>): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The options of the library that were given, ready to be handed over. */
export function optionsFor(
  of: NonNullable<Flag['of']>,
  flags: readonly Flag[],
  { values }: Arguments,
): Record<string, unknown> {
  const given = flags.filter((flag) => flag.of === of && values.has(flag.name));
  return Object.fromEntries(given.map((flag) => [optionName(flag), values.get(flag.name)]));
}
