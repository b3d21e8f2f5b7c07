import { type ByteRange, type CodePointRange, utf8Rows } from '../code-points.js';
import type { Expression, Grammar } from '../grammar.js';

/** A place within a rule. */
export interface Node {
  readonly id: number;
  /** Whether the rule ends here; nothing leads on then. */
  isEnd: boolean;
  /** Reached without a byte. */
  readonly skips: Node[];
  readonly steps: { readonly range: ByteRange; readonly to: Node }[];
  /** A rule stands here, and behind it goes on `to`. */
  readonly calls: { readonly rule: Rule; readonly to: Node }[];
}

/** A rule as a network of places: where one can begin, and lead to by bytes and by other rules. */
export interface Rule {
  readonly begin: Node;
  /** Whether it can be empty. */
  isNullable: boolean;
  /** Such that a rule comes before those that it can begin with. */
  rank: number;
}

/** A grammar made ready to be followed byte by byte. */
export interface Network {
  readonly root: Rule;
  /** The class of each byte: bytes of one class lead to the same everywhere. */
  readonly classOfByte: Uint8Array;
  /** A byte of each class. */
  readonly byteOfClass: readonly number[];
}

/** @param grammar A checked one: no rule is missing or begins with itself. */
export function makeNetwork(grammar: Grammar): Network {
  return new NetworkMaker(grammar).make();
}

class NetworkMaker {
  readonly #grammar: Grammar;
  readonly #rules = new Map<Expression | string, Rule>();
  readonly #unmade: { rule: Rule; expression: Expression }[] = [];
  readonly #all: Rule[] = [];
  readonly #nodes: Node[] = [];

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  make(): Network {
    const root = this.#ruleOf(this.#grammar.root);
    for (let next = this.#unmade.pop(); next !== undefined; next = this.#unmade.pop()) {
      const end = this.#node();
      end.isEnd = true;
      this.#add(next.expression, next.rule.begin, end);
    }
    this.#findNullable();
    this.#rank(root);
    return { root, ...byteClasses(this.#nodes) };
  }

  #node(): Node {
    const node: Node = { id: this.#nodes.length, isEnd: false, skips: [], steps: [], calls: [] };
    this.#nodes.push(node);
    return node;
  }

  /** @param key A rule's name, or an expression that is one by itself. */
  #ruleOf(key: Expression | string): Rule {
    const known = this.#rules.get(key);
    if (known !== undefined) return known;
    const rule: Rule = { begin: this.#node(), isNullable: false, rank: 0 };
    this.#rules.set(key, rule);
    this.#all.push(rule);
    const expression = typeof key === 'string' ? (this.#grammar.rules.get(key) as Expression) : key;
    this.#unmade.push({ rule, expression });
    return rule;
  }

  /** Leads from one node to another by an expression. */
  #add(expression: Expression, from: Node, to: Node): void {
    switch (expression.kind) {
      case 'text':
        this.#addBytes(new TextEncoder().encode(expression.text), from, to);
        return;
      case 'class':
        for (const range of expression.ranges) this.#addRange(range, from, to);
        return;
      case 'bytes':
        for (const range of expression.ranges) from.steps.push({ range, to });
        return;
      case 'rule':
        from.calls.push({ rule: this.#ruleOf(expression.name), to });
        return;
      case 'choice':
        for (const option of expression.options) this.#add(option, from, to);
        return;
      case 'sequence': {
        let at = from;
        for (const [i, part] of expression.parts.entries()) {
          const next = i === expression.parts.length - 1 ? to : this.#node();
          this.#add(part, at, next);
          at = next;
        }
        if (expression.parts.length === 0) from.skips.push(to);
        return;
      }
      case 'repeat':
        this.#addRepeat(expression, from, to);
    }
  }

  #addBytes(bytes: Uint8Array, from: Node, to: Node): void {
    if (bytes.length === 0) from.skips.push(to);
    let at = from;
    for (const [i, byte] of bytes.entries()) {
      const next = i === bytes.length - 1 ? to : this.#node();
      at.steps.push({ range: [byte, byte], to: next });
      at = next;
    }
  }

  #addRange(range: CodePointRange, from: Node, to: Node): void {
    for (const row of utf8Rows(range)) {
      let at = from;
      for (const [i, bytes] of row.entries()) {
        const next = i === row.length - 1 ? to : this.#node();
        at.steps.push({ range: bytes, to: next });
        at = next;
      }
    }
  }

  /** What is counted stands as often as it is counted, each but a call, so that a copy is one node. */
  #addRepeat({ part, least, most }: Expression & { kind: 'repeat' }, from: Node, to: Node): void {
    const isCounted = Math.max(least, most === Number.POSITIVE_INFINITY ? 0 : most) > 1;
    const addOne = (begin: Node, end: Node) => {
      if (!isCounted || isSmall(part)) this.#add(part, begin, end);
      else begin.calls.push({ rule: this.#ruleOf(part), to: end });
    };
    let at = this.#node();
    from.skips.push(at); // what comes before is not to be led back into
    for (let i = 0; i < least; i++) {
      const next = this.#node();
      addOne(at, next);
      at = next;
    }
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.#node();
      at.skips.push(loop);
      const back = this.#node();
      addOne(loop, back);
      back.skips.push(loop);
      loop.skips.push(to);
      return;
    }
    for (let i = least; i < most; i++) {
      at.skips.push(to);
      const next = this.#node();
      addOne(at, next);
      at = next;
    }
    at.skips.push(to);
  }

  #findNullable(): void {
    for (let hasChanged = true; hasChanged; ) {
      hasChanged = false;
      for (const rule of this.#all) {
        if (rule.isNullable || !reachesEnd(rule.begin)) continue;
        rule.isNullable = true;
        hasChanged = true;
      }
    }
    for (const node of this.#nodes) {
      for (const { rule, to } of node.calls) if (rule.isNullable) node.skips.push(to);
    }
  }

  /** By depth first, over the rules that each can begin with. */
  #rank(root: Rule): void {
    const done = new Set<Rule>();
    let next = this.#all.length;
    const visit = (rule: Rule) => {
      if (done.has(rule)) return;
      done.add(rule);
      for (const node of skippedFrom(rule.begin)) for (const call of node.calls) visit(call.rule);
      rule.rank = --next;
    };
    visit(root);
    for (const rule of this.#all) visit(rule);
  }
}

/** Whether copies of it cost no more than calls of it. */
function isSmall(part: Expression): boolean {
  if (part.kind === 'class') return part.ranges.every(([, last]) => last < 0x80);
  return part.kind === 'rule' || (part.kind === 'text' && part.text.length < 4);
}

/** A node and all that are reached from it without a byte. */
function skippedFrom(node: Node): Set<Node> {
  const reached = new Set([node]);
  for (const one of reached) for (const next of one.skips) reached.add(next);
  return reached;
}

function reachesEnd(begin: Node): boolean {
  const reached = new Set([begin]);
  for (const node of reached) {
    if (node.isEnd) return true;
    for (const next of node.skips) reached.add(next);
    for (const { rule, to } of node.calls) if (rule.isNullable) reached.add(to);
  }
  return false;
}

function byteClasses(nodes: readonly Node[]): Pick<Network, 'classOfByte' | 'byteOfClass'> {
  const begins = new Uint8Array(257);
  begins[0] = 1;
  for (const { steps } of nodes) {
    for (const {
      range: [first, last],
    } of steps) {
      begins[first] = 1;
      begins[last + 1] = 1;
    }
  }
  const classOfByte = new Uint8Array(256);
  const byteOfClass: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (begins[byte] === 1) byteOfClass.push(byte);
    classOfByte[byte] = byteOfClass.length - 1;
  }
  return { classOfByte, byteOfClass };
}
