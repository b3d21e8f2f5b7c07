import { makeDict } from './access.js';
import { bindArguments } from './bind-arguments.js';
import { fail, spend, TemplateFailure } from './budget.js';
import { EMPTY, Str } from './marked-text.js';
import { toStr } from './python-text.js';
import { strftime } from './strftime.js';
import {
  Callable,
  given,
  integerOf,
  iterate,
  type Keywords,
  LoopValue,
  Namespace,
  Range,
  type Value,
} from './values.js';

/** What the template itself says against the messages. */
export class TemplateRefusal extends TemplateFailure {}

type Run = (args: readonly Value[], keywords: Keywords) => Value;

function range(args: readonly Value[], keywords: Keywords): Value {
  const [a, b, c] = bindArguments('range()', 'start! stop step', args, keywords).map((value) =>
    value === undefined ? undefined : integerOf(value, "range()'s argument"),
  );
  return b === undefined ? new Range(0, a as number, 1) : new Range(a as number, b, c ?? 1);
}

function namespace(args: readonly Value[], keywords: Keywords): Value {
  const made = new Namespace();
  if (args.length > 1) fail('namespace() takes one dict');
  for (const [key, value] of makeDict(args[0], keywords, iterate).entries()) {
    if (key instanceof Str) made.members.set(key.text, value);
  }
  return made;
}

function joiner(args: readonly Value[], keywords: Keywords): Value {
  const [separator] = bindArguments('joiner()', 'sep', args, keywords);
  let isUsed = false;
  return new Callable('joiner', () => {
    if (isUsed) return given(separator, new Str(', '));
    isUsed = true;
    return EMPTY;
  });
}

function cycler(items: readonly Value[]): Value {
  if (items.length === 0) fail('cycler() needs items');
  let at = 0;
  const current = (): Value => items[at] as Value;
  const next = new Callable('next', () => {
    const item = current();
    at = (at + 1) % items.length;
    return item;
  });
  const reset = new Callable('reset', () => {
    at = 0;
    return null;
  });
  const member = (name: string): Value | undefined =>
    name === 'next' ? next : name === 'reset' ? reset : name === 'current' ? current() : undefined;
  return new LoopValue({ member, call: () => fail('a cycler cannot be called') });
}

/** The functions that every template has. */
export function makeGlobals(now: Date): Map<string, Value> {
  const functions: Record<string, Run> = {
    range,
    namespace,
    joiner,
    cycler: (args) => cycler(args),
    dict: (args, keywords) => {
      if (args.length > 1) fail('dict() takes one dict or list');
      return makeDict(args[0], keywords, iterate);
    },
    raise_exception: (args, keywords) => {
      const [message] = bindArguments('raise_exception()', 'message!', args, keywords);
      throw new TemplateRefusal(toStr(message as Value).text.slice(0, 2000));
    },
    strftime_now: (args, keywords) => {
      const [format] = bindArguments('strftime_now()', 'format!', args, keywords);
      if (!(format instanceof Str)) return fail('strftime_now() takes a text');
      spend(64 * format.text.length);
      return format.mapAll((text) => strftime(now, text));
    },
  };
  return new Map(Object.entries(functions).map(([name, run]) => [name, new Callable(name, run)]));
}
