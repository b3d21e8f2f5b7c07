import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import { type Flag, optionName } from './command.js';
import { CHAT_FLAGS, GENERATE_FLAGS, LOAD_FLAGS, SOURCE_FLAGS } from './flags.js';

/** Flags by the option that they set. */
const FLAGS: ReadonlyMap<string, Flag> = new Map(
  [...SOURCE_FLAGS, ...LOAD_FLAGS, ...GENERATE_FLAGS, ...CHAT_FLAGS]
    .filter(({ of }) => of !== undefined)
    .map((flag) => [optionName(flag), flag]),
);

/** A message of the library's, with the names that options have on the command line: `topK is 3`, `weights: 'q8'`. */
export function inFlags(message: string): string {
  const flagOf = (name: string) => FLAGS.get(name);
  return message
    .replace(/\b([a-z]\w*): '([^']*)'/gi, (all, name: string, value: string) => {
      const flag = flagOf(name);
      return flag === undefined ? all : `--${flag.name} ${value}`;
    })
    .replace(/\b([a-z]+[A-Z]\w*)\b/g, (name) => {
      const flag = flagOf(name);
      return flag === undefined ? name : `--${flag.name}`;
    })
    .replace(/(?<![\w-])[a-z]+(?= is [\d"'-])|^[a-z]+(?= is )/g, (name) => {
      const flag = flagOf(name);
      return flag === undefined ? name : `--${flag.name}`;
    });
}

/** What is told of a failure: one message where it is an expected one, the stack of a bug else. */
export function failureMessage(error: unknown): string {
  if (error instanceof SottoError) return `${inFlags(error.message)} (${error.code})`;
  const isOfSystem = error instanceof Error && 'code' in error;
  return isOfSystem || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
}
