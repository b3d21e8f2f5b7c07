import type { Value } from './values.js';

/** What stands between the parentheses of a call, a filter or a test. */
export interface Arguments {
  positional: Expression[];
  keyword: [name: string, value: Expression][];
  star: Expression | null;
  starStar: Expression | null;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export type Expression = { line: number } & (
  | { kind: 'constant'; value: Value }
  | { kind: 'name'; name: string }
  | { kind: 'list' | 'tuple'; items: Expression[] }
  | { kind: 'dict'; pairs: [key: Expression, value: Expression][] }
  | { kind: 'choice'; test: Expression; then: Expression; otherwise: Expression | null }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'not' | 'minus' | 'plus'; of: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'concat'; parts: Expression[] }
  | { kind: 'compare'; first: Expression; rest: [Comparison, Expression][] }
  | { kind: 'attribute'; of: Expression; name: string }
  | { kind: 'item'; of: Expression; key: Expression }
  | { kind: 'slice'; bounds: (Expression | null)[] }
  | { kind: 'call'; of: Expression; args: Arguments }
  /** Without `of`, of a block. */
  | { kind: 'filter'; of: Expression | null; name: string; args: Arguments }
  | { kind: 'test'; of: Expression; name: string; args: Arguments }
);

/** What can be assigned to. */
export type Target =
  | { kind: 'name'; name: string }
  | { kind: 'member'; name: string; member: string }
  | { kind: 'tuple'; items: Target[] };

/** A macro, or what `call` gives as `caller`. */
export interface MacroNode {
  name: string;
  parameters: string[];
  /** Of the last parameters. */
  defaults: Expression[];
  body: Statement[];
  /** Names that its body uses, to know which of `caller`, `varargs` and `kwargs` it takes. */
  uses: Set<string>;
}

export type Statement = { line: number } & (
  | { kind: 'text'; text: string }
  | { kind: 'output'; values: Expression[] }
  | { kind: 'if'; branches: [test: Expression, body: Statement[]][]; otherwise: Statement[] }
  | {
      kind: 'for';
      target: Target;
      over: Expression;
      test: Expression | null;
      body: Statement[];
      otherwise: Statement[];
      recursive: boolean;
    }
  | { kind: 'set'; target: Target; value: Expression }
  | { kind: 'set-block'; target: Target; filter: Expression | null; body: Statement[] }
  | { kind: 'macro'; macro: MacroNode }
  | { kind: 'call-block'; call: Expression; macro: MacroNode }
  | { kind: 'filter-block'; filter: Expression; body: Statement[] }
  | { kind: 'with'; bindings: [Target, Expression][]; body: Statement[] }
  | { kind: 'break' | 'continue' }
);
