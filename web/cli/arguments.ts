import { parseArgs } from 'node:util';
import { unknownOptionAdvice } from '../options/option-names.js';
import { SottoError } from '../results/errors.js';
import { type Arguments, type Command, type Flag, optionName, UsageError } from './command.js';
import { HELP } from './flags.js';

/**
 * Reads what stands behind a command's name.
 *
 * @throws UsageError, which names the flag.
 */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const flags = [...command.flags, HELP];
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  );
  // Not strict: the messages are to be ours.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<string, unknown>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = flags.find(({ name }) => name === token.name);
    if (flag === undefined) throw unknownFlag(token.rawName, token.name, command);
    const value = readValue(flag, token.value, token.inlineValue === true);
    if (!flag.isMultiple) values.set(flag.name, value);
    else values.set(flag.name, [...((values.get(flag.name) as unknown[]) ?? []), value].flat());
  }
  return { positionals, values };
}

function readValue(flag: Flag, text: string | undefined, isInline: boolean): unknown {
  const shownName = `--${flag.name}`;
  if (flag.value === undefined) {
    if (text === undefined) return true;
    throw new UsageError(`${shownName} takes no value`);
  }
  // What looks like the next flag is one; --stop=--x gives a value that begins like this.
  if (text === undefined || (!isInline && text.startsWith('--'))) {
    throw new UsageError(`${shownName} needs a value: ${shownName} ${flag.value}`);
  }
  try {
    return flag.read === undefined ? text : flag.read(text, shownName);
  } catch (error) {
    if (error instanceof SottoError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function unknownFlag(rawName: string, name: string, command: Command): UsageError {
  const names = new Map(command.flags.map((flag) => [optionName(flag), flag.name]));
  const advice = unknownOptionAdvice(optionName({ name }), [...names.keys()]);
  const meant = /^did you mean (\w+)/.exec(advice)?.[1];
  const flag = meant === undefined ? undefined : names.get(meant);
  const hint = flag === undefined ? '' : `; did you mean --${flag}?`;
  return new UsageError(`${command.name} has no option ${rawName}${hint}`);
}
