import { fail } from './budget.js';
import { ExpressionParser } from './expression-parser.js';
import type { Expression, MacroNode, Statement, Target } from './nodes.js';

/** A template's statements. */
export class Parser extends ExpressionParser {
  #loops = 0;

  template(): Statement[] {
    const body = this.#body([]);
    if (this.current.kind !== 'eof') fail('the template ends too early');
    return body;
  }

  /** Statements up to one of these words, which is left to read. */
  #body(ends: readonly string[]): Statement[] {
    return this.deeper(() => {
      const body: Statement[] = [];
      for (;;) {
        const { kind, text, line } = this.current;
        if (kind === 'eof') {
          if (ends.length > 0) fail(`{% ${ends.at(-1)} %} is missing`);
          return body;
        }
        this.next();
        if (kind === 'text') body.push({ kind: 'text', line, text });
        else if (kind === 'print') {
          body.push({ kind: 'output', line, values: [this.tuple()] });
          this.#end('print-end');
        } else {
          if (ends.some((end) => this.is(end))) return body;
          body.push(this.#statement(line));
          this.#end('end');
        }
      }
    });
  }

  /** Statements and the word behind them, of which there is one choice. */
  #bodyTo(end: string): Statement[] {
    this.#end('end');
    const body = this.#body([end]);
    this.next();
    return body;
  }

  #end(kind: 'end' | 'print-end'): void {
    if (this.current.kind !== kind) this.unexpected('the end of the tag');
    this.checkNames();
    this.next();
  }

  #statement(line: number): Statement {
    const word = this.name();
    switch (word) {
      case 'if':
        return this.#if(line);
      case 'for':
        return this.#for(line);
      case 'set':
        return this.#set(line);
      case 'macro': {
        const name = this.name();
        return { kind: 'macro', line, macro: this.#macro(name, 'endmacro') };
      }
      case 'call': {
        const macro = this.#signature('caller');
        const call = this.expression();
        if (call.kind !== 'call') fail('a call block needs a call');
        return { kind: 'call-block', line, call, macro: this.#macroBody(macro, 'endcall') };
      }
      case 'filter': {
        const filter = this.#filters(this.filter(null));
        return { kind: 'filter-block', line, filter, body: this.#bodyTo('endfilter') };
      }
      case 'generation':
        return {
          kind: 'with',
          line,
          bindings: [],
          body: this.#withoutLoop(() => this.#bodyTo('endgeneration')),
        };
      case 'with': {
        const bindings: [Target, Expression][] = [];
        while (this.current.kind !== 'end') {
          if (bindings.length > 0) this.expect(',');
          const target = this.#target();
          this.expect('=');
          bindings.push([target, this.expression()]);
        }
        return { kind: 'with', line, bindings, body: this.#bodyTo('endwith') };
      }
      case 'print': {
        const values = [this.expression()];
        while (this.skip(',')) values.push(this.expression());
        return { kind: 'output', line, values };
      }
      case 'break':
      case 'continue':
        if (this.#loops === 0) fail(`'${word}' outside of a loop`);
        return { kind: word, line };
      default:
        return fail(`there is no tag '${word}' here`);
    }
  }

  #if(line: number): Statement {
    const branches: [Expression, Statement[]][] = [];
    let otherwise: Statement[] = [];
    this.branches++;
    for (;;) {
      const test = this.tuple();
      this.#end('end');
      branches.push([test, this.#body(['elif', 'else', 'endif'])]);
      const end = this.next().text;
      if (end === 'elif') continue;
      if (end === 'else') otherwise = this.#bodyTo('endif');
      this.branches--;
      return { kind: 'if', line, branches, otherwise };
    }
  }

  #for(line: number): Statement {
    const target = this.#target('in');
    this.expect('in');
    const over = this.tuple(false, () => this.withoutChoice());
    const test = this.skip('if') ? this.expression() : null;
    const recursive = this.skip('recursive');
    this.#end('end');
    this.#loops++;
    const body = this.#body(['else', 'endfor']);
    this.#loops--;
    const otherwise = this.next().text === 'else' ? this.#bodyTo('endfor') : [];
    return { kind: 'for', line, target, over, test, body, otherwise, recursive };
  }

  #set(line: number): Statement {
    const target = this.#target();
    if (this.skip('=')) return { kind: 'set', line, target, value: this.tuple() };
    const filter = this.is('|') ? this.#filters(this.filter(null)) : null;
    return { kind: 'set-block', line, target, filter, body: this.#bodyTo('endset') };
  }

  #filters(first: Expression): Expression {
    let filter = first;
    while (this.is('|')) filter = this.filter(filter);
    return filter;
  }

  #target(end?: string): Target {
    const items: Target[] = [];
    let isTuple = false;
    for (;;) {
      items.push(this.#oneTarget());
      if (!this.skip(',')) break;
      isTuple = true;
      if (this.current.kind === 'end' || (end !== undefined && this.is(end)) || this.is('=')) break;
    }
    return isTuple ? { kind: 'tuple', items } : (items[0] as Target);
  }

  #oneTarget(): Target {
    if (this.is('(') || this.is('[')) {
      const end = this.next().text === '(' ? ')' : ']';
      const inner = this.deeper(() => this.#target(end));
      this.expect(end);
      return inner;
    }
    const name = this.name();
    if (['true', 'false', 'none', 'True', 'False', 'None'].includes(name)) fail(`'${name}' cannot be set`);
    return this.skip('.') ? { kind: 'member', name, member: this.name() } : { kind: 'name', name };
  }

  #macro(name: string, end: string): MacroNode {
    return this.#macroBody(this.#signature(name), end);
  }

  #signature(name: string): MacroNode {
    const macro: MacroNode = { name, parameters: [], defaults: [], body: [], uses: new Set() };
    if (!this.skip('(')) {
      if (name !== 'caller') this.unexpected("'('");
      return macro;
    }
    this.uses.push(macro.uses);
    while (!this.skip(')')) {
      if (macro.parameters.length > 0) this.expect(',');
      const parameter = this.name();
      if (macro.parameters.includes(parameter)) fail(`the parameter '${parameter}' comes twice`);
      macro.parameters.push(parameter);
      if (this.skip('=')) macro.defaults.push(this.expression());
      else if (macro.defaults.length > 0) fail('a parameter without a default follows one with a default');
    }
    this.uses.pop();
    return macro;
  }

  #macroBody(macro: MacroNode, end: string): MacroNode {
    this.uses.push(macro.uses);
    macro.body = this.#withoutLoop(() => this.#bodyTo(end));
    this.uses.pop();
    return macro;
  }

  #withoutLoop<T>(parse: () => T): T {
    const loops = this.#loops;
    this.#loops = 0;
    const parsed = parse();
    this.#loops = loops;
    return parsed;
  }
}
