import { fail } from './budget.js';
import type { Keywords, Value } from './values.js';

/**
 * Puts arguments in the order of a function's parameters; what is not given is undefined.
 *
 * @param parameters Their names, with a space between; names that end with `!` must be given.
 */
export function bindArguments(
  name: string,
  parameters: string,
  args: readonly Value[],
  keywords: Keywords,
): (Value | undefined)[] {
  const names = parameters === '' ? [] : parameters.split(' ');
  if (args.length > names.length) fail(`${name} takes at most ${names.length} arguments, not ${args.length}`);
  let used = 0;
  const bound = names.map((parameter, i) => {
    const key = parameter.replace('!', '');
    const given = keywords.get(key);
    if (given !== undefined) {
      used++;
      if (i < args.length) fail(`${name} is given '${key}' twice`);
    }
    const value = i < args.length ? args[i] : given;
    if (value === undefined && parameter.endsWith('!')) fail(`${name} needs '${key}'`);
    return value;
  });
  if (used < keywords.size) {
    const unknown = [...keywords.keys()].find((key) => !names.some((one) => one.replace('!', '') === key));
    fail(`${name} takes no '${unknown}'`);
  }
  return bound;
}
