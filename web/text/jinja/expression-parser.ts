import { checkDepth, fail } from './budget.js';
import type { Token } from './lexer.js';
import { Str } from './marked-text.js';
import type { Arguments, BinaryOperator, Comparison, Expression } from './nodes.js';
import { checkedInteger, Float, type Value } from './values.js';

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const CONSTANTS: Record<string, Value> = {
  ...{ true: true, True: true, false: false, False: false, none: null, None: null },
};
const BINARY_LEVELS = [['+', '-'], ['~'], ['*', '/', '//', '%'], ['**']];

/** Names of what a template can use, checked where it is parsed. */
export interface KnownNames {
  filters: ReadonlySet<string>;
  tests: ReadonlySet<string>;
}

/** The expressions of a template. */
export class ExpressionParser {
  readonly #tokens: Token[];
  readonly #known: KnownNames;
  #at = 0;
  #depth = 0;
  /** The names that each macro around here uses. */
  protected readonly uses: Set<string>[] = [];
  /** Above zero in branches, where an unknown filter fails only when it is used. */
  protected branches = 0;

  /** What a filter or test that there is not says, where no branch can skip it. */
  #unknown: string | null = null;

  constructor(tokens: Token[], known: KnownNames) {
    this.#tokens = tokens;
    this.#known = known;
  }

  get current(): Token {
    return this.#tokens[this.#at] as Token;
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== 'eof') this.#at++;
    return token;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  /** Whether the current token is this operator or word. */
  is(text: string): boolean {
    const { kind, text: own } = this.current;
    return own === text && (kind === 'operator' || kind === 'name');
  }

  skip(text: string): boolean {
    const found = this.is(text);
    if (found) this.#at++;
    return found;
  }

  expect(text: string): void {
    if (!this.skip(text)) this.unexpected(`'${text}'`);
  }

  name(): string {
    if (this.current.kind !== 'name') this.unexpected('a name');
    return this.next().text;
  }

  unexpected(wanted: string): never {
    const { kind, text } = this.current;
    const found = kind === 'eof' ? 'the end of the template' : text === '' ? 'the end of a tag' : `'${text}'`;
    fail(`${found} where ${wanted} should stand`);
  }

  #missing(message: string): void {
    if (this.branches === 0) this.#unknown ??= message;
  }

  /** Fails where the expression behind used what there is not. */
  protected checkNames(): void {
    if (this.#unknown !== null) fail(this.#unknown);
  }

  /** Guards what calls itself. */
  protected deeper<T>(parse: () => T): T {
    checkDepth(++this.#depth);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  /** Loops nest what they parse to the left: each turn counts as a level until the whole is parsed. */
  #leftward(parse: (deepen: () => void) => Expression): Expression {
    const depth = this.#depth;
    const parsed = parse(() => checkDepth(++this.#depth));
    this.#depth = depth;
    return parsed;
  }

  expression(): Expression {
    return this.deeper(() => this.#choice());
  }

  #choice(): Expression {
    return this.#leftward((deepen) => {
      const unknown = this.#unknown;
      let then = this.#or();
      while (this.is('if')) {
        this.branches++;
        this.#unknown = unknown;
        deepen();
        const { line } = this.next();
        const test = this.#or();
        const otherwise = this.skip('else') ? this.deeper(() => this.#choice()) : null;
        then = { kind: 'choice', line, test, then, otherwise };
        this.branches--;
      }
      return then;
    });
  }

  #or(): Expression {
    return this.#logical('or', () => this.#logical('and', () => this.#not()));
  }

  /** For the condition of a loop, and for what it goes over: an `if` behind it is the loop's. */
  withoutChoice(): Expression {
    return this.deeper(() => this.#or());
  }

  #logical(kind: 'and' | 'or', parse: () => Expression): Expression {
    return this.#leftward((deepen) => {
      let left = parse();
      while (this.is(kind)) {
        deepen();
        const { line } = this.next();
        left = { kind, line, left, right: parse() };
      }
      return left;
    });
  }

  #not(): Expression {
    if (!this.is('not')) return this.#compare();
    const { line } = this.next();
    return { kind: 'not', line, of: this.deeper(() => this.#not()) };
  }

  #compare(): Expression {
    const first = this.#binary(0);
    const rest: [Comparison, Expression][] = [];
    for (;;) {
      const { text, kind } = this.current;
      if (kind === 'operator' && COMPARISONS.has(text)) this.next();
      else if (this.is('not') && this.#peek()?.text === 'in') this.#at += 2;
      else if (!this.skip('in')) break;
      rest.push([text === 'not' ? 'not in' : (text as Comparison), this.#binary(0)]);
    }
    return rest.length === 0 ? first : { kind: 'compare', line: first.line, first, rest };
  }

  #binary(level: number): Expression {
    const operators = BINARY_LEVELS[level];
    if (operators === undefined) return this.#unary(true);
    return this.#leftward((deepen) => {
      let left = this.#binary(level + 1);
      while (this.current.kind === 'operator' && operators.includes(this.current.text)) {
        const { line, text } = this.next();
        if (text === '~' && left.kind === 'concat') left.parts.push(this.#binary(level + 1));
        else if (text === '~') left = { kind: 'concat', line, parts: [left, this.#binary(level + 1)] };
        else {
          deepen();
          const operator = text as BinaryOperator;
          left = { kind: 'binary', line, operator, left, right: this.#binary(level + 1) };
        }
      }
      return left;
    });
  }

  #unary(withFilters: boolean): Expression {
    return this.#leftward((deepen) => {
      const { line } = this.current;
      let node: Expression;
      if (this.is('-') || this.is('+')) {
        const kind = this.next().text === '-' ? 'minus' : 'plus';
        node = { kind, line, of: this.deeper(() => this.#unary(false)) };
      } else node = this.primary();
      for (;;) {
        if (this.is('.') || this.is('[')) node = this.#member(node);
        else if (this.is('('))
          node = { kind: 'call', line: this.current.line, of: node, args: this.#arguments() };
        else if (withFilters && this.is('|')) node = this.filter(node);
        else if (withFilters && this.is('is')) node = this.#test(node);
        else return node;
        deepen();
      }
    });
  }

  #postfix(node: Expression): Expression {
    return this.#leftward((deepen) => {
      let whole = node;
      for (;;) {
        if (this.is('.') || this.is('[')) whole = this.#member(whole);
        else if (this.is('(')) {
          whole = { kind: 'call', line: this.current.line, of: whole, args: this.#arguments() };
        } else return whole;
        deepen();
      }
    });
  }

  primary(): Expression {
    const { kind, text, line } = this.current;
    if (kind === 'name') {
      this.next();
      if (Object.hasOwn(CONSTANTS, text)) return { kind: 'constant', line, value: CONSTANTS[text] as Value };
      for (const names of this.uses) names.add(text);
      return { kind: 'name', line, name: text };
    }
    if (kind === 'string') {
      let whole = '';
      while (this.current.kind === 'string') whole += this.next().text;
      return { kind: 'constant', line, value: new Str(whole) };
    }
    if (kind === 'integer' || kind === 'float') {
      this.next();
      const number = numberOf(text.replaceAll('_', ''));
      return { kind: 'constant', line, value: kind === 'float' ? new Float(number) : checkedInteger(number) };
    }
    if (this.skip('(')) {
      const tuple = this.deeper(() => this.tuple(true));
      this.expect(')');
      return tuple;
    }
    if (this.skip('[')) return { kind: 'list', line, items: this.#listed(']', () => this.expression()) };
    if (this.skip('{')) {
      const pair = (): [Expression, Expression] => {
        const key = this.expression();
        this.expect(':');
        return [key, this.expression()];
      };
      return { kind: 'dict', line, pairs: this.#listed('}', pair) };
    }
    return this.unexpected('an expression');
  }

  /** Expressions with commas between them make a tuple, with or without parentheses. */
  tuple(mayBeEmpty = false, parse: () => Expression = () => this.expression()): Expression {
    const { line } = this.current;
    const items: Expression[] = [];
    let isTuple = false;
    while (!this.#endsTuple()) {
      items.push(parse());
      if (!this.skip(',')) break;
      isTuple = true;
    }
    if (!isTuple && items.length === 1) return items[0] as Expression;
    if (!isTuple && !mayBeEmpty) this.unexpected('an expression');
    return { kind: 'tuple', line, items };
  }

  #endsTuple(): boolean {
    const { kind } = this.current;
    return kind === 'end' || kind === 'print-end' || this.is(')');
  }

  #listed<T>(end: string, parse: () => T): T[] {
    const items: T[] = [];
    while (!this.skip(end)) {
      if (items.length > 0) {
        this.expect(',');
        if (this.skip(end)) break;
      }
      items.push(parse());
    }
    return items;
  }

  #member(of: Expression): Expression {
    const { line, text } = this.next();
    if (text === '.') {
      if (this.current.kind === 'integer') return { kind: 'item', line, of, key: this.primary() };
      return { kind: 'attribute', line, of, name: this.name() };
    }
    const keys: Expression[] = [];
    while (!this.skip(']')) {
      if (keys.length > 0) this.expect(',');
      keys.push(this.#subscript());
    }
    const key: Expression =
      keys.length === 1 ? (keys[0] as Expression) : { kind: 'tuple', line, items: keys };
    return { kind: 'item', line, of, key };
  }

  #subscript(): Expression {
    const { line } = this.current;
    const bounds: (Expression | null)[] = [];
    const ends = () => this.is(':') || this.is(']') || this.is(',');
    bounds.push(ends() ? null : this.expression());
    if (!this.is(':')) return bounds[0] ?? this.unexpected('an expression');
    while (bounds.length < 3 && this.skip(':')) bounds.push(ends() ? null : this.expression());
    return { kind: 'slice', line, bounds };
  }

  #arguments(): Arguments {
    this.expect('(');
    const args: Arguments = { positional: [], keyword: [], star: null, starStar: null };
    this.#listed(')', () => {
      if (args.starStar !== null) this.unexpected(')');
      if (this.is('*') && args.star === null) {
        this.next();
        args.star = this.expression();
      } else if (this.skip('**')) args.starStar = this.expression();
      else if (
        this.current.kind === 'name' &&
        this.#peek()?.text === '=' &&
        this.#peek()?.kind === 'operator'
      ) {
        const name = this.name();
        this.next();
        if (args.keyword.some(([other]) => other === name)) fail(`'${name}' is given twice`);
        args.keyword.push([name, this.expression()]);
      } else if (args.keyword.length > 0 || args.star !== null) this.unexpected('a keyword argument');
      else args.positional.push(this.expression());
    });
    return args;
  }

  #optionalArguments(): Arguments {
    return this.is('(') ? this.#arguments() : { positional: [], keyword: [], star: null, starStar: null };
  }

  /** One filter, with its bar unless it begins a block's. */
  filter(of: Expression | null): Expression {
    this.skip('|');
    const { line } = this.current;
    const name = this.#dotted();
    if (!this.#known.filters.has(name)) this.#missing(`there is no filter '${name}'`);
    return { kind: 'filter', line, of, name, args: this.#optionalArguments() };
  }

  #dotted(): string {
    let name = this.name();
    while (this.skip('.')) name += `.${this.name()}`;
    return name;
  }

  /** Whether a test's one argument stands here, without parentheses. */
  #beginsArgument(): boolean {
    const { kind, text } = this.current;
    if (kind === 'name') return !['else', 'or', 'and'].includes(text);
    return kind === 'string' || kind === 'integer' || kind === 'float' || this.is('[') || this.is('{');
  }

  #test(of: Expression): Expression {
    const { line } = this.next();
    const isNegated = this.skip('not');
    const name = this.#dotted();
    if (!this.#known.tests.has(name)) this.#missing(`there is no test '${name}'`);
    let args: Arguments;
    if (!this.is('(') && this.#beginsArgument()) {
      if (this.is('is')) fail('tests cannot follow each other');
      const positional = [this.#postfix(this.primary())];
      args = { positional, keyword: [], star: null, starStar: null };
    } else args = this.#optionalArguments();
    const test: Expression = { kind: 'test', line, of, name, args };
    return isNegated ? { kind: 'not', line, of: test } : test;
  }
}

function numberOf(text: string): number {
  return /^0+$/.test(text) ? 0 : Number(text);
}
