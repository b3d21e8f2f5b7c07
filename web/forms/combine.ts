import { SottoError } from '../results/errors.js';
import type { ByteRange } from './code-points.js';
import { makeNetwork } from './engine/network.js';
import { type State, States } from './engine/states.js';
import { choice, EMPTY, type Expression, rule, sequence, text } from './grammar.js';
import type { Condition } from './syntax/regex.js';

const MOST_STATES = 3000;

/**
 * All texts that meet several regular conditions, as rules that each take one byte and go on.
 *
 * @param name What its rules begin with.
 * @param isJson Whether it is written as a JSON string is, between the quotes.
 * @throws SottoError 'bad-option' where that is too much.
 */
export function combine(
  conditions: readonly Condition[],
  name: string,
  path: string,
  isJson: boolean,
  rules: Map<string, Expression>,
): Expression {
  const machines = conditions.map(({ expression, isNot }) => {
    const states = new States(makeNetwork({ root: '', rules: new Map([['', expression]]) }));
    return { states, isNot };
  });
  type Tuple = readonly (State | null)[];
  const names: Map<State | null, number> = new Map([[null, 0]]);
  const keyOf = (tuple: Tuple) =>
    tuple
      .map((state) => {
        if (!names.has(state)) names.set(state, names.size);
        return names.get(state);
      })
      .join();
  const known = new Map<string, string>();
  const pending: { tuple: Tuple; name: string }[] = [];
  const nameOf = (tuple: Tuple) => {
    const key = keyOf(tuple);
    const old = known.get(key);
    if (old !== undefined) return old;
    if (known.size >= MOST_STATES) {
      throw new SottoError('bad-option', `${path}: its pattern, format and lengths are too much together`);
    }
    const fresh = `${name}/${known.size}`;
    known.set(key, fresh);
    pending.push({ tuple, name: fresh });
    return fresh;
  };
  const begin = nameOf(machines.map(({ states }) => states.begin));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { tuple } = next;
    for (const { states } of machines) states.renewBudget();
    const ranges = new Map<string, [number, number][]>();
    for (let byte = 0; byte < 256; byte++) {
      const after = machines.map(({ states }, i) => {
        const state = tuple[i] as State | null;
        return state === null ? null : states.after(state, byte);
      });
      if (machines.some(({ isNot }, i) => !isNot && after[i] === null)) continue;
      const to = nameOf(after);
      const ofTo = ranges.get(to) ?? [];
      ranges.set(to, ofTo);
      const last = ofTo.at(-1);
      if (last !== undefined && last[1] === byte - 1) last[1] = byte;
      else ofTo.push([byte, byte]);
    }
    const isComplete = machines.every(({ isNot }, i) => (tuple[i]?.isComplete ?? false) !== isNot);
    const options = [...ranges].map(([to, ofTo]) =>
      sequence(isJson ? escapedBytes(ofTo) : { kind: 'bytes', ranges: ofTo }, rule(to)),
    );
    rules.set(next.name, choice(...(isComplete ? [EMPTY] : []), ...options));
  }
  return rule(begin);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of a text as they stand in a JSON string. */
function escapedBytes(ranges: readonly ByteRange[]): Expression {
  const plain: [number, number][] = [];
  const escaped: Expression[] = [];
  for (const [first, last] of ranges) {
    for (let byte = first; byte <= last; byte++) {
      if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) escaped.push(text(escapeOf(byte)));
      else if (plain.at(-1)?.[1] === byte - 1) (plain.at(-1) as [number, number])[1] = byte;
      else plain.push([byte, byte]);
    }
  }
  return choice(...(plain.length === 0 ? [] : [{ kind: 'bytes', ranges: plain } as const]), ...escaped);
}

/** As JSON.stringify has it. */
export function escapeOf(codePoint: number): string {
  return JSON.stringify(String.fromCharCode(codePoint)).slice(1, -1);
}
