import { shortened } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import { utf8Rows } from './code-points.js';
import { choice, type Expression, type Grammar, NEVER, partsOf, repeat, sequence } from './grammar.js';

/** What a grammar takes is in proportion to these. */
const MOST_NODES = 100_000;
const MOST_DEPTH = 200;
/** How often all parts that are counted may stand; repetitions in repetitions are not multiplied. */
const MOST_COPIES = 200_000;
/** Of all texts together, in UTF-16 units. */
const MOST_TEXT = 300_000;

/** A grammar without a flaw, and the least bytes that a text of it has. */
export interface CheckedGrammar {
  readonly grammar: Grammar;
  readonly leastBytes: number;
}

/**
 * Finds what no engine should see: rules that are not there, that begin with themselves, or that never end, and too much of
 * everything. What can never be is taken out.
 *
 * @param path What messages call the grammar.
 * @param isWritten Whether rules have the names that the caller knows.
 * @throws SottoError 'bad-option'
 */
export function checkGrammar(grammar: Grammar, path: string, isWritten: boolean): CheckedGrammar {
  const fail = (problem: string) => new SottoError('bad-option', `${path} ${problem}`);
  const named = (name: string) =>
    isWritten ? `its rule ${shortened(name, 80)}` : `a part of it (${shortened(name, 80)})`;
  if (!grammar.rules.has(grammar.root))
    throw fail(`has no rule ${grammar.root}, which the answer begins with`);
  const reached = reach(grammar, fail);
  const least = leastBytesOf(reached);
  for (const [name, bytes] of least) {
    if (bytes === Number.POSITIVE_INFINITY && (isWritten || name === grammar.root)) {
      throw fail(
        isWritten
          ? `never ends: ${named(name)} always leads to itself again`
          : 'can be met by no finite value',
      );
    }
  }
  const loop = leftRecursion(reached, least);
  if (loop !== null)
    throw fail(`has a rule that begins with itself, and so never comes to an end: ${loop.join(' → ')}`);
  const rules = new Map<string, Expression>();
  for (const [name, expression] of reached) {
    if (least.get(name) !== Number.POSITIVE_INFINITY) rules.set(name, prune(expression, least));
  }
  return { grammar: { root: grammar.root, rules }, leastBytes: least.get(grammar.root) as number };
}

/**
 * Finds only whether a grammar takes too much.
 *
 * @throws SottoError 'bad-option'
 */
export function checkBounds(grammar: Grammar, path: string): void {
  reach(grammar, (problem) => new SottoError('bad-option', `${path} ${problem}`));
}

type Rules = ReadonlyMap<string, Expression>;

/** The rules that the root leads to. */
function reach(grammar: Grammar, fail: (problem: string) => SottoError): Map<string, Expression> {
  const reached = new Map<string, Expression>();
  let nNodes = 0;
  let nCopies = 0;
  let nText = 0;
  const queue = [grammar.root];
  const visit = (expression: Expression, depth: number) => {
    if (++nNodes > MOST_NODES) throw fail(`is too large: more than ${MOST_NODES} parts`);
    if (depth > MOST_DEPTH) throw fail(`is nested too deep: more than ${MOST_DEPTH} levels`);
    if (expression.kind === 'repeat') {
      nCopies += expression.most === Number.POSITIVE_INFINITY ? expression.least : expression.most;
      if (nCopies > MOST_COPIES) throw fail(`repeats too much: more than ${MOST_COPIES} times in all`);
    }
    if (expression.kind === 'text') {
      nText += expression.text.length;
      if (nText > MOST_TEXT) throw fail(`is too large: more than ${MOST_TEXT} characters of text`);
    }
    if (expression.kind === 'rule') {
      if (!grammar.rules.has(expression.name))
        throw fail(`has no rule ${shortened(expression.name, 80)}, and uses it`);
      queue.push(expression.name);
    }
    for (const part of partsOf(expression)) visit(part, depth + 1);
  };
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (reached.has(name)) continue;
    const expression = grammar.rules.get(name) as Expression;
    reached.set(name, expression);
    visit(expression, 0);
  }
  return reached;
}

/** Of every rule, by going over all of them until nothing changes; infinity for those that never end. */
function leastBytesOf(rules: Rules): Map<string, number> {
  const least = new Map<string, number>();
  for (const name of rules.keys()) least.set(name, Number.POSITIVE_INFINITY);
  const users = usersOf(rules);
  const queue = new Set(rules.keys());
  for (const name of queue) {
    queue.delete(name);
    const bytes = leastBytes(rules.get(name) as Expression, least);
    if (bytes >= (least.get(name) as number)) continue;
    least.set(name, bytes);
    for (const user of users.get(name) ?? []) queue.add(user);
  }
  return least;
}

function usersOf(rules: Rules): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  for (const [name, expression] of rules) {
    const visit = (part: Expression) => {
      if (part.kind === 'rule') users.set(part.name, (users.get(part.name) ?? new Set()).add(name));
      partsOf(part).forEach(visit);
    };
    visit(expression);
  }
  return users;
}

function leastBytes(expression: Expression, ofRules: ReadonlyMap<string, number>): number {
  switch (expression.kind) {
    case 'text':
      return new TextEncoder().encode(expression.text).length;
    case 'class':
      return expression.ranges.reduce(
        (least, range) => Math.min(least, utf8Rows(range)[0]?.length ?? Number.POSITIVE_INFINITY),
        Number.POSITIVE_INFINITY,
      );
    case 'bytes':
      return expression.ranges.length === 0 ? Number.POSITIVE_INFINITY : 1;
    case 'rule':
      return ofRules.get(expression.name) as number;
    case 'sequence':
      return expression.parts.reduce((sum, part) => sum + leastBytes(part, ofRules), 0);
    case 'choice':
      return expression.options.reduce(
        (least, option) => Math.min(least, leastBytes(option, ofRules)),
        Number.POSITIVE_INFINITY,
      );
    case 'repeat':
      return expression.least === 0 ? 0 : expression.least * leastBytes(expression.part, ofRules);
  }
}

/** The names of rules that lead to themselves with nothing before, or null. */
function leftRecursion(rules: Rules, least: ReadonlyMap<string, number>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const firstsOf = (expression: Expression, firsts: Set<string>): void => {
    if (expression.kind === 'rule') firsts.add(expression.name);
    else if (expression.kind === 'sequence') {
      for (const part of expression.parts) {
        firstsOf(part, firsts);
        if (leastBytes(part, least) > 0) break;
      }
    } else for (const part of partsOf(expression)) firstsOf(part, firsts);
  };
  const visit = (name: string): string[] | null => {
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    if (done.has(name)) return null;
    path.push(name);
    const firsts = new Set<string>();
    firstsOf(rules.get(name) as Expression, firsts);
    for (const first of firsts) {
      const loop = visit(first);
      if (loop !== null) return loop;
    }
    path.pop();
    done.add(name);
    return null;
  };
  for (const name of rules.keys()) {
    const loop = visit(name);
    if (loop !== null) return loop;
  }
  return null;
}

/** Without what never ends. */
function prune(expression: Expression, least: ReadonlyMap<string, number>): Expression {
  if (leastBytes(expression, least) === Number.POSITIVE_INFINITY) return NEVER;
  switch (expression.kind) {
    case 'sequence':
      return sequence(...expression.parts.map((part) => prune(part, least)));
    case 'choice':
      return choice(...expression.options.map((option) => prune(option, least)));
    case 'repeat':
      return repeat(prune(expression.part, least), expression.least, expression.most);
    default:
      return expression;
  }
}
