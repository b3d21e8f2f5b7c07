import { attributeOf, callValue, elementOf } from './access.js';
import { fail, MAX_DEPTH, step } from './budget.js';
import { applyFilter, testWithNames } from './filters.js';
import { LoopState } from './loop-state.js';
import { Str, TextBuilder } from './marked-text.js';
import type { Arguments, Expression, MacroNode, Statement, Target } from './nodes.js';
import { binary, compares, negated, sliceOf } from './operators.js';
import { toStr } from './python-text.js';
import { Scope } from './scope.js';
import {
  Callable,
  Dict,
  given,
  iterate,
  type Keywords,
  List,
  Namespace,
  truth,
  typeName,
  Undefined,
  used,
  type Value,
} from './values.js';

/** How a body ended. */
type End = 'end' | 'break' | 'continue';
/** Of expressions and statements in each other, through calls. */
const MAX_FRAMES = 1000;

/** Runs a template's statements. */
export class Interpreter {
  /** Where it is, for messages. */
  line = 1;
  #frames = 0;
  #calls = 0;

  run(body: readonly Statement[], scope: Scope, to: TextBuilder): End {
    for (const statement of body) {
      step();
      this.line = statement.line;
      if (++this.#frames > MAX_FRAMES) fail('calls and blocks lie too deep in each other');
      const end = this.#statement(statement, scope, to);
      this.#frames--;
      if (end !== 'end') return end;
    }
    return 'end';
  }

  #statement(statement: Statement, scope: Scope, to: TextBuilder): End {
    switch (statement.kind) {
      case 'text':
        to.addText(statement.text);
        return 'end';
      case 'output':
        for (const value of statement.values) to.add(toStr(this.evaluate(value, scope)));
        return 'end';
      case 'if': {
        for (const [test, body] of statement.branches) {
          if (truth(this.evaluate(test, scope))) return this.run(body, scope, to);
        }
        return this.run(statement.otherwise, scope, to);
      }
      case 'for':
        return this.#loop(statement, this.evaluate(statement.over, scope), scope, to, 0);
      case 'set':
        this.#assign(statement.target, this.evaluate(statement.value, scope), scope);
        return 'end';
      case 'set-block': {
        const { target, filter, body } = statement;
        this.#assign(target, this.#filtered(filter, this.#capture(body, new Scope(scope)), scope), scope);
        return 'end';
      }
      case 'macro':
        scope.set(statement.macro.name, this.#macro(statement.macro, scope));
        return 'end';
      case 'call-block': {
        const { call, macro } = statement;
        if (call.kind !== 'call') fail('a call block needs a call');
        const caller = this.#macro(macro, scope);
        to.add(toStr(this.#call(call.of, call.args, scope, caller)));
        return 'end';
      }
      case 'filter-block':
        to.add(
          toStr(this.#filtered(statement.filter, this.#capture(statement.body, new Scope(scope)), scope)),
        );
        return 'end';
      case 'with': {
        const inner = new Scope(scope);
        const values = statement.bindings.map(
          ([target, value]) => [target, this.evaluate(value, scope)] as const,
        );
        for (const [target, value] of values) this.#assign(target, value, inner);
        return this.run(statement.body, inner, to);
      }
      default:
        return statement.kind;
    }
  }

  #capture(body: readonly Statement[], scope: Scope): Str {
    const to = new TextBuilder();
    this.run(body, scope, to);
    return to.build();
  }

  #filtered(filter: Expression | null, text: Str, scope: Scope): Value {
    return filter === null ? text : this.#filter(filter, text, scope);
  }

  #filter(node: Expression, text: Str, scope: Scope): Value {
    if (node.kind !== 'filter') return fail('a filter block needs filters');
    const value = node.of === null ? text : this.#filter(node.of, text, scope);
    return applyFilter(
      node.name,
      value,
      this.#positional(node.args, scope),
      this.#keywords(node.args, scope),
    );
  }

  #loop(node: Statement & { kind: 'for' }, over: Value, scope: Scope, to: TextBuilder, depth: number): End {
    const test = (item: Value): boolean => {
      if (node.test === null) return true;
      const inner = new Scope(scope);
      this.#assign(node.target, item, inner);
      return truth(this.evaluate(node.test, inner));
    };
    const state = new LoopState(over, test, depth, ([inner]) => {
      if (!node.recursive || inner === undefined)
        return fail('only a recursive loop can be called, with what to go through');
      const text = new TextBuilder();
      this.#nested(() => this.#loop(node, inner, scope, text, depth + 1));
      return text.build();
    });
    let isEmpty = true;
    for (let item = state.next(); item !== undefined; item = state.next()) {
      isEmpty = false;
      const inner = new Scope(scope);
      inner.set('loop', state.value);
      this.#assign(node.target, item, inner);
      if (this.run(node.body, inner, to) === 'break') break;
    }
    return isEmpty ? this.run(node.otherwise, new Scope(scope), to) : 'end';
  }

  #nested<T>(run: () => T): T {
    if (++this.#calls > MAX_DEPTH) fail(`more than ${MAX_DEPTH} calls in each other`);
    const { line } = this;
    const result = run();
    this.line = line;
    this.#calls--;
    return result;
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    if (target.kind === 'name') scope.set(target.name, value);
    else if (target.kind === 'member') {
      const namespace = scope.get(target.name);
      if (!(namespace instanceof Namespace))
        fail(`'${target.name}' is no namespace: its attributes cannot be set`);
      step();
      namespace.members.set(target.member, value);
    } else {
      const items = iterate(used(value));
      if (items.length !== target.items.length) {
        fail(`${items.length} values for ${target.items.length} names`);
      }
      target.items.forEach((one, i) => {
        this.#assign(one, items[i] as Value, scope);
      });
    }
  }

  #macro(node: MacroNode, scope: Scope): Callable {
    const takes = (name: string): boolean => node.uses.has(name) && !node.parameters.includes(name);
    return new Callable(
      node.name,
      (args, keywords) => {
        const inner = new Scope(scope);
        const rest = new Map(keywords);
        const count = node.parameters.length;
        if (args.length > count && !takes('varargs'))
          fail(`the macro '${node.name}' takes ${count} arguments`);
        const caller = rest.get('caller');
        if (takes('caller')) {
          inner.set('caller', given(caller, new Undefined('the macro was called without a block')));
          rest.delete('caller');
        }
        node.parameters.forEach((name, i) => {
          let value = args[i];
          if (value === undefined) {
            value = rest.get(name);
            rest.delete(name);
          }
          const fallback = node.defaults[i - count + node.defaults.length];
          if (value === undefined && fallback !== undefined) value = this.evaluate(fallback, inner);
          inner.set(name, given(value, new Undefined(`the parameter '${name}' was not given`)));
        });
        if (takes('varargs')) inner.set('varargs', new List(args.slice(count), true));
        if (takes('kwargs')) {
          const dict = new Dict();
          for (const [name, value] of rest) dict.set(new Str(name), value);
          inner.set('kwargs', dict);
        } else if (rest.size > 0) fail(`the macro '${node.name}' takes no '${[...rest.keys()][0]}'`);
        return this.#nested(() => this.#capture(node.body, inner));
      },
      'Macro',
      new Map<string, Value>([['name', new Str(node.name)]]),
    );
  }

  #positional(args: Arguments, scope: Scope): Value[] {
    const values = args.positional.map((one) => this.evaluate(one, scope));
    if (args.star !== null) {
      const more = iterate(this.evaluate(args.star, scope));
      step(more.length);
      if (more.length > 100_000) fail('too many arguments');
      values.push(...more);
    }
    return values;
  }

  #keywords(args: Arguments, scope: Scope): Map<string, Value> {
    const values = new Map(args.keyword.map(([name, value]) => [name, this.evaluate(value, scope)] as const));
    if (args.starStar !== null) {
      const more = this.evaluate(args.starStar, scope);
      if (!(more instanceof Dict)) return fail(`'**' takes a dict, not ${typeName(used(more))}`);
      for (const [key, value] of more.entries()) {
        if (!(key instanceof Str) || values.has(key.text))
          return fail("a name behind '**' is no text, or comes twice");
        values.set(key.text, value);
      }
    }
    return values;
  }

  #call(of: Expression, args: Arguments, scope: Scope, caller?: Callable): Value {
    const called = this.evaluate(of, scope);
    const positional = this.#positional(args, scope);
    const keywords = this.#keywords(args, scope);
    if (caller !== undefined) keywords.set('caller', caller);
    return callValue(called, positional, keywords as Keywords);
  }

  evaluate(node: Expression, scope: Scope): Value {
    step();
    if (++this.#frames > MAX_FRAMES) fail('calls and blocks lie too deep in each other');
    const value = this.#evaluate(node, scope);
    this.#frames--;
    return value;
  }

  #evaluate(node: Expression, scope: Scope): Value {
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return given(scope.get(node.name), new Undefined(`'${node.name}' is undefined`));
      case 'list':
      case 'tuple':
        return new List(
          node.items.map((item) => this.evaluate(item, scope)),
          node.kind === 'tuple',
        );
      case 'dict': {
        const dict = new Dict();
        for (const [key, value] of node.pairs)
          dict.set(this.evaluate(key, scope), this.evaluate(value, scope));
        return dict;
      }
      case 'choice': {
        if (truth(this.evaluate(node.test, scope))) return this.evaluate(node.then, scope);
        if (node.otherwise !== null) return this.evaluate(node.otherwise, scope);
        return new Undefined('the condition is false, and there is no else');
      }
      case 'and': {
        const left = this.evaluate(node.left, scope);
        return truth(left) ? this.evaluate(node.right, scope) : left;
      }
      case 'or': {
        const left = this.evaluate(node.left, scope);
        return truth(left) ? left : this.evaluate(node.right, scope);
      }
      case 'not':
        return !truth(this.evaluate(node.of, scope));
      case 'minus':
        return negated(this.evaluate(node.of, scope), -1);
      case 'plus':
        return negated(this.evaluate(node.of, scope), 1);
      case 'binary': {
        const left = this.evaluate(node.left, scope);
        const right = this.evaluate(node.right, scope);
        this.line = node.line;
        return binary(node.operator, left, right);
      }
      case 'concat': {
        const parts = node.parts.map((part) => toStr(this.evaluate(part, scope)));
        return parts.reduce((whole, part) => whole.plus(part));
      }
      case 'compare': {
        let left = this.evaluate(node.first, scope);
        for (const [comparison, other] of node.rest) {
          const right = this.evaluate(other, scope);
          if (!compares(comparison, left, right)) return false;
          left = right;
        }
        return true;
      }
      case 'attribute': {
        const of = this.evaluate(node.of, scope);
        this.line = node.line;
        return attributeOf(of, node.name);
      }
      case 'item':
        return this.#item(node, scope);
      case 'slice':
        return fail('a slice stands alone');
      case 'call': {
        this.line = node.line;
        return this.#call(node.of, node.args, scope);
      }
      case 'filter': {
        if (node.of === null) return fail('a filter without a value');
        const value = this.evaluate(node.of, scope);
        const args = this.#positional(node.args, scope);
        const keywords = this.#keywords(node.args, scope);
        this.line = node.line;
        return applyFilter(node.name, value, args, keywords);
      }
      default: {
        const value = this.evaluate(node.of, scope);
        const args = this.#positional(node.args, scope);
        return testWithNames(node.name, value, args, this.#keywords(node.args, scope));
      }
    }
  }

  #item(node: Expression & { kind: 'item' }, scope: Scope): Value {
    const of = this.evaluate(node.of, scope);
    this.line = node.line;
    if (node.key.kind !== 'slice') return elementOf(of, this.evaluate(node.key, scope));
    const [start, stop, by] = [0, 1, 2].map((i) => {
      const bound = node.key.kind === 'slice' ? node.key.bounds[i] : null;
      return bound === null || bound === undefined ? null : this.evaluate(bound, scope);
    }) as [Value, Value, Value];
    const slice = sliceOf(of, { start, stop, step: by });
    return slice ?? fail(`a value of type ${typeName(used(of))} has no slices`);
  }
}
