import { SottoError } from '../results/errors.js';
import { checkBounds } from './check-grammar.js';
import { makeNetwork } from './engine/network.js';
import { type State, States } from './engine/states.js';
import { choice, EMPTY, type Expression, rule, sequence, text } from './grammar.js';
import type { Condition } from './syntax/regex.js';

const MOST_STATES = 10_000;

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
    const grammar = { root: '', rules: new Map([['', expression]]) };
    checkBounds(grammar, path);
    return { states: new States(makeNetwork(grammar)), isNot };
  });
  const groups = alikeBytes(machines.map(({ states }) => states.classOfByte));
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
    const bytesTo = new Map<string, number[]>();
    for (const bytes of groups) {
      const after = machines.map(({ states }, i) => {
        const state = tuple[i] as State | null;
        return state === null ? null : states.after(state, bytes[0] as number);
      });
      if (machines.some(({ isNot }, i) => !isNot && after[i] === null)) continue;
      const to = nameOf(after);
      bytesTo.set(to, [...(bytesTo.get(to) ?? []), ...bytes]);
    }
    const isComplete = machines.every(({ isNot }, i) => (tuple[i]?.isComplete ?? false) !== isNot);
    const options = [...bytesTo].map(([to, bytes]) => sequence(bytesOf(bytes, isJson), rule(to)));
    rules.set(next.name, choice(...(isComplete ? [EMPTY] : []), ...options));
  }
  return rule(begin);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes that lead to the same in all of some networks. */
function alikeBytes(classes: readonly Uint8Array[]): number[][] {
  const groups = new Map<string, number[]>();
  for (let byte = 0; byte < 256; byte++) {
    const key = classes.map((classOfByte) => classOfByte[byte]).join();
    groups.set(key, [...(groups.get(key) ?? []), byte]);
  }
  return [...groups.values()];
}

/** One of some bytes, as a JSON string has it or as it is. */
function bytesOf(bytes: readonly number[], isJson: boolean): Expression {
  const plain: [number, number][] = [];
  const escaped: Expression[] = [];
  for (const byte of [...bytes].sort((a, b) => a - b)) {
    const last = plain.at(-1);
    if (isJson && (byte < 0x20 || byte === QUOTE || byte === BACKSLASH)) escaped.push(text(escapeOf(byte)));
    else if (last?.[1] === byte - 1) last[1] = byte;
    else plain.push([byte, byte]);
  }
  return choice(...(plain.length === 0 ? [] : [{ kind: 'bytes', ranges: plain } as const]), ...escaped);
}

/** As JSON.stringify has it. */
export function escapeOf(codePoint: number): string {
  return JSON.stringify(String.fromCharCode(codePoint)).slice(1, -1);
}
