import type { ByteRange, CodePointRange } from './code-points.js';

/** What a text may be, as a tree. */
export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  /** One code point; in order, without overlaps. None: nothing fits. */
  | { readonly kind: 'class'; readonly ranges: readonly CodePointRange[] }
  /** One byte, be it only a part of a character. */
  | { readonly kind: 'bytes'; readonly ranges: readonly ByteRange[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  /** None: nothing fits. */
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly part: Expression;
      readonly least: number;
      /** Infinity for no end. */
      readonly most: number;
    }
  | { readonly kind: 'rule'; readonly name: string };

/** Expressions by their names, and the one that the whole text is. */
export interface Grammar {
  readonly root: string;
  readonly rules: ReadonlyMap<string, Expression>;
}

export const EMPTY: Expression = { kind: 'text', text: '' };

/** What no text is. */
export const NEVER: Expression = { kind: 'choice', options: [] };

export function text(value: string): Expression {
  return { kind: 'text', text: value };
}

export function rule(name: string): Expression {
  return { kind: 'rule', name };
}

export function sequence(...parts: readonly Expression[]): Expression {
  const kept = parts.filter((part) => part !== EMPTY);
  if (kept.some((part) => part === NEVER)) return NEVER;
  return kept.length === 1 ? (kept[0] as Expression) : { kind: 'sequence', parts: kept };
}

export function choice(...options: readonly Expression[]): Expression {
  const kept = options.filter((option) => option !== NEVER);
  if (kept.length === 0) return NEVER;
  return kept.length === 1 ? (kept[0] as Expression) : { kind: 'choice', options: kept };
}

export function repeat(part: Expression, least: number, most = Number.POSITIVE_INFINITY): Expression {
  if (most === 0) return EMPTY;
  if (part === NEVER) return least === 0 ? EMPTY : NEVER;
  return least === 1 && most === 1 ? part : { kind: 'repeat', part, least, most };
}

export function optional(part: Expression): Expression {
  return repeat(part, 0, 1);
}

export function oneOfCharacters(...ranges: readonly CodePointRange[]): Of<'class'> {
  return { kind: 'class', ranges };
}

/** An expression of a certain kind. */
export type Of<Kind extends Expression['kind']> = Expression & { readonly kind: Kind };

/** What an expression is made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'sequence') return expression.parts;
  if (expression.kind === 'choice') return expression.options;
  return expression.kind === 'repeat' ? [expression.part] : [];
}
