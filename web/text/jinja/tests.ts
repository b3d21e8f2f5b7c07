import { bindArguments } from './bind-arguments.js';
import { fail } from './budget.js';
import { Str } from './marked-text.js';
import { isLower, isUpper } from './methods.js';
import type { Comparison } from './nodes.js';
import { binary, compares, contains } from './operators.js';
import { toStr } from './python-text.js';
import {
  Callable,
  Dict,
  equal,
  Float,
  isNumber,
  type Keywords,
  List,
  LoopValue,
  Once,
  Range,
  Undefined,
  type Value,
  View,
} from './values.js';

type Test = readonly [parameters: string, run: (value: Value, ...bound: (Value | undefined)[]) => boolean];

const comparison = (operator: Comparison): Test => ['other!', (a, b) => compares(operator, a, b as Value)];
const [EQ, NE, GT, GE, LT, LE] = (['==', '!=', '>', '>=', '<', '<='] as const).map(comparison) as [
  ...[Test, Test, Test, Test, Test, Test],
];
const rest = (value: Value, by: number): Value => binary('%', value, by);

function isIterable(value: Value): boolean {
  return [Str, List, Dict, View, Range, Once, Undefined, LoopValue].some((type) => value instanceof type);
}

function isSame(a: Value, b: Value): boolean {
  return a === b || (a instanceof Str && b instanceof Str && a.text === b.text);
}

const TESTS: Record<string, Test> = {
  defined: ['', (value) => !(value instanceof Undefined)],
  undefined: ['', (value) => value instanceof Undefined],
  none: ['', (value) => value === null],
  boolean: ['', (value) => typeof value === 'boolean'],
  true: ['', (value) => value === true],
  false: ['', (value) => value === false],
  integer: ['', (value) => typeof value === 'number'],
  float: ['', (value) => value instanceof Float],
  number: ['', isNumber],
  string: ['', (value) => value instanceof Str],
  mapping: ['', (value) => value instanceof Dict],
  sequence: ['', (value) => [Str, List, Dict, Range, Undefined].some((type) => value instanceof type)],
  iterable: ['', isIterable],
  callable: ['', (value) => [Callable, LoopValue, Undefined].some((type) => value instanceof type)],
  sameas: ['other!', (a, b) => isSame(a, b as Value)],
  escaped: ['', () => false],
  in: ['seq!', (value, container) => contains(container as Value, value)],
  odd: ['', (value) => equal(rest(value, 2), 1)],
  even: ['', (value) => equal(rest(value, 2), 0)],
  divisibleby: ['num!', (value, by) => equal(binary('%', value, by as Value), 0)],
  lower: ['', (value) => isLower(toStr(value).text)],
  upper: ['', (value) => isUpper(toStr(value).text)],
  ...{ '==': EQ, eq: EQ, equalto: EQ, '!=': NE, ne: NE, '>': GT, gt: GT, greaterthan: GT },
  ...{ '>=': GE, ge: GE, '<': LT, lt: LT, lessthan: LT, '<=': LE, le: LE },
};

export const TEST_NAMES: ReadonlySet<string> = new Set([...Object.keys(TESTS), 'filter', 'test']);

export function applyTest(name: string, value: Value, args: readonly Value[], keywords: Keywords): boolean {
  if (!TEST_NAMES.has(name)) fail(`there is no test '${name}'`);
  const [parameters, run] = TESTS[name] as Test;
  return run(value, ...bindArguments(`the test '${name}'`, parameters, args, keywords));
}
