import { CodePointSet } from './code-point-set.js';
import { PatternError, type PatternNode, parsePattern } from './pattern-syntax.js';

/** Takes a code point of `sets[operand]`, then goes on at `next`. */
export const TAKE = 0;
/** Tries `next`, then `operand`. */
export const FORK = 1;
/** Goes on at `next` when `looks[operand]` says so. */
export const LOOK = 2;
/** Has found a match. */
export const FOUND = 3;

/** A lookaround. */
export interface Look {
  begin: number;
  isBehind: boolean;
  isNegative: boolean;
}

/** A pattern as instructions: of number i, what it does is `codes[i]`. */
export interface PatternProgram {
  begin: number;
  codes: Uint8Array;
  next: Int32Array;
  operands: Int32Array;
  /** Number of a FORK among them, for what is kept of it at each place. */
  forkNumbers: Int32Array;
  nForks: number;
  sets: CodePointSet[];
  looks: Look[];
}

/** {1,100}{1,100} becomes as many instructions; published patterns have up to 150. */
const MAX_INSTRUCTIONS = 2000;

/**
 * @param source Of a valid RegExp with the flag u.
 * @throws PatternError for what cannot be run in linear time: backreferences, what repeats nothing, too large counts.
 */
export function compilePattern(source: string): PatternProgram {
  return new Compiler().compile(parsePattern(source));
}

/** Writes the instructions from the last one on, as each needs to know the next. */
class Compiler {
  readonly #codes: number[] = [];
  readonly #next: number[] = [];
  readonly #operands: number[] = [];
  readonly #forkNumbers: number[] = [];
  #nForks = 0;
  readonly #sets: CodePointSet[] = [];
  readonly #setNumbers = new Map<string, number>();
  readonly #looks: Look[] = [];

  compile(node: PatternNode): PatternProgram {
    const begin = this.#node(node, this.#add(FOUND, 0, 0), false);
    return {
      begin,
      codes: Uint8Array.from(this.#codes),
      next: Int32Array.from(this.#next),
      operands: Int32Array.from(this.#operands),
      forkNumbers: Int32Array.from(this.#forkNumbers),
      nForks: this.#nForks,
      sets: this.#sets,
      looks: this.#looks,
    };
  }

  /** Adds what finds the node and then goes on at `next`; returns where it begins. */
  #node(node: PatternNode, next: number, isBackward: boolean): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'set':
        return this.#add(TAKE, next, this.#setNumber(node.source));
      case 'sequence': {
        // A lookbehind reads from its end to its beginning.
        const inOrder = isBackward ? node.parts : [...node.parts].reverse();
        return inOrder.reduce((begin, part) => this.#node(part, begin, isBackward), next);
      }
      case 'choice': {
        const begins = node.options.map((option) => this.#node(option, next, isBackward));
        return begins.reduceRight((rest, begin) => this.#fork(begin, rest));
      }
      case 'repeat':
        return this.#repeat(node, next, isBackward);
      case 'look': {
        const begin = this.#node(node.body, this.#add(FOUND, 0, 0), node.isBehind);
        this.#looks.push({ begin, isBehind: node.isBehind, isNegative: node.isNegative });
        return this.#add(LOOK, next, this.#looks.length - 1);
      }
    }
  }

  #repeat(node: PatternNode & { kind: 'repeat' }, next: number, isBackward: boolean): number {
    const { body, min, max, isGreedy } = node;
    // JavaScript ends such a repetition by where its turn began, which would have to be kept for each place.
    if (canBeEmpty(body)) throw new PatternError('it repeats a part that may be empty');
    const either = (turn: number, rest: number) =>
      isGreedy ? this.#fork(turn, rest) : this.#fork(rest, turn);
    let begin = next;
    if (max === Infinity) {
      const fork = this.#fork(0, 0);
      const turn = this.#node(body, fork, isBackward);
      this.#next[fork] = isGreedy ? turn : next;
      this.#operands[fork] = isGreedy ? next : turn;
      begin = fork;
    } else {
      for (let i = min; i < max; i++) begin = either(this.#node(body, begin, isBackward), next);
    }
    for (let i = 0; i < min; i++) begin = this.#node(body, begin, isBackward);
    return begin;
  }

  #setNumber(source: string): number {
    let number = this.#setNumbers.get(source);
    if (number === undefined) {
      number = this.#sets.push(new CodePointSet(source)) - 1;
      this.#setNumbers.set(source, number);
    }
    return number;
  }

  #fork(first: number, second: number): number {
    return this.#add(FORK, first, second);
  }

  #add(code: number, next: number, operand: number): number {
    if (this.#codes.length >= MAX_INSTRUCTIONS) {
      throw new PatternError(`with its repetitions written out it has more than ${MAX_INSTRUCTIONS} parts`);
    }
    this.#codes.push(code);
    this.#next.push(next);
    this.#operands.push(operand);
    this.#forkNumbers.push(code === FORK ? this.#nForks++ : -1);
    return this.#codes.length - 1;
  }
}

function canBeEmpty(node: PatternNode): boolean {
  switch (node.kind) {
    case 'empty':
    case 'look':
      return true;
    case 'set':
      return false;
    case 'sequence':
      return node.parts.every(canBeEmpty);
    case 'choice':
      return node.options.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
  }
}
