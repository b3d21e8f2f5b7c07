import { Marks } from './marks.js';
import { compilePattern, FORK, FOUND, LOOK, type PatternProgram, TAKE } from './pattern-program.js';
import type { StepBudget } from './step-budget.js';

/** Looks for matches in one text, one after the other. */
export interface PatternSearch {
  /** Of the match that {@link next} has found. */
  readonly begin: number;
  readonly end: number;
  /** Goes to the next match; false when there is none. */
  next(): boolean;
}

/** What finds places in texts. */
export interface Pattern {
  search(text: string, budget: StepBudget): PatternSearch;
}

/**
 * A regular expression that finds what a RegExp with the flags g and u finds, in time that is linear in the text's
 * length, whatever the pattern: JavaScript's own takes exponential time for (a+)+b, and nothing can end it.
 *
 * It backtracks as a RegExp does, and remembers for each fork of the pattern and each place of the text that the way from
 * there leads to no match, so no way is gone twice (as Ruby 3.2 does it: "Using selective memoization to defeat regular
 * expression denial of service", 2021). This holds because a way depends on nothing but where it is: hence no
 * backreferences.
 */
export class LinearPattern implements Pattern {
  readonly #program: PatternProgram;

  /**
   * @param source Of a valid RegExp with the flag u.
   * @throws PatternError when it asks for more than that.
   */
  constructor(source: string) {
    this.#program = compilePattern(source);
  }

  search(text: string, budget: StepBudget): PatternSearch {
    return new LinearSearch(this.#program, text, budget);
  }
}

class LinearSearch implements PatternSearch {
  begin = 0;
  end = 0;
  readonly #text: string;
  readonly #matcher: Matcher;
  #pos = 0;

  constructor(program: PatternProgram, text: string, budget: StepBudget) {
    this.#text = text;
    this.#matcher = new Matcher(program, text, budget);
  }

  next(): boolean {
    while (this.#pos <= this.#text.length) {
      const begin = this.#pos;
      const end = this.#matcher.matchAt(begin);
      // Behind no match, or an empty one, the search goes on at the next character.
      this.#pos = end > begin ? end : begin + (isPair(this.#text, begin) ? 2 : 1);
      if (end < 0) continue;
      this.begin = begin;
      this.end = end;
      return true;
    }
    return false;
  }
}

const FAILED = 1;
const SUCCEEDED = 2;

/** Of how many steps the budget hears at once. */
const STEPS_AT_ONCE = 4096;

class Matcher {
  readonly #program: PatternProgram;
  readonly #text: string;
  readonly #budget: StepBudget;
  readonly #visited: Marks;
  readonly #looked: Marks; // what the forks in lookarounds lead to
  #nSteps = 0;

  constructor(program: PatternProgram, text: string, budget: StepBudget) {
    this.#program = program;
    this.#text = text;
    this.#budget = budget;
    this.#visited = new Marks(program.nForks, text.length, budget);
    this.#looked = new Marks(program.nForks, text.length, budget);
  }

  /** Where the match ends that begins here, or -1. */
  matchAt(begin: number): number {
    this.#visited.forgetBefore(begin);
    this.#looked.forgetBefore(begin);
    const { codes, next, operands, forkNumbers, sets } = this.#program;
    const waiting: number[] = []; // what to try next: instruction, place, …
    let at = this.#program.begin;
    let pos = begin;
    for (;;) {
      this.#step();
      const operand = operands[at] as number;
      let goesOn = false;
      switch (codes[at]) {
        case TAKE: {
          const codePoint = this.#text.codePointAt(pos);
          goesOn = codePoint !== undefined && (sets[operand]?.has(codePoint) as boolean);
          if (goesOn) pos += (codePoint as number) > 0xffff ? 2 : 1;
          break;
        }
        case FORK: {
          const fork = forkNumbers[at] as number;
          goesOn = this.#visited.get(fork, pos) === 0;
          if (goesOn) {
            this.#visited.set(fork, pos, FAILED);
            waiting.push(operand, pos);
          }
          break;
        }
        case LOOK:
          goesOn = this.#look(operand, pos);
          break;
        case FOUND:
          // Forks on the way to a match lie before its end, where no search begins again, or just there.
          this.#visited.clear(pos);
          return pos;
      }
      if (goesOn) at = next[at] as number;
      else if (waiting.length === 0) return -1;
      else {
        pos = waiting.pop() as number;
        at = waiting.pop() as number;
      }
    }
  }

  #look(index: number, pos: number): boolean {
    const look = this.#program.looks[index];
    if (look === undefined) return false;
    return this.#isFound(look.begin, pos, look.isBehind) !== look.isNegative;
  }

  /** Whether what a lookaround asks for is there. Here ways that led to it are remembered as well, as places come again. */
  #isFound(begin: number, beginPos: number, isBackward: boolean): boolean {
    const { codes, next, operands, forkNumbers, sets } = this.#program;
    const waiting: number[] = []; // instruction, place, how much of the way leads there, …
    const way: number[] = []; // fork, place, …
    let at = begin;
    let pos = beginPos;
    for (;;) {
      this.#step();
      const operand = operands[at] as number;
      let goesOn = false;
      let isFound = false;
      switch (codes[at]) {
        case TAKE: {
          const codePoint = isBackward ? codePointBefore(this.#text, pos) : this.#text.codePointAt(pos);
          goesOn = codePoint !== undefined && (sets[operand]?.has(codePoint) as boolean);
          if (goesOn) pos += ((codePoint as number) > 0xffff ? 2 : 1) * (isBackward ? -1 : 1);
          break;
        }
        case FORK: {
          const fork = forkNumbers[at] as number;
          const mark = this.#looked.get(fork, pos);
          isFound = mark === SUCCEEDED;
          goesOn = mark === 0;
          if (goesOn) {
            this.#looked.set(fork, pos, FAILED);
            way.push(fork, pos);
            waiting.push(operand, pos, way.length);
          }
          break;
        }
        case LOOK:
          goesOn = this.#look(operand, pos);
          break;
        case FOUND:
          isFound = true;
      }
      if (isFound) {
        for (let i = 0; i < way.length; i += 2) {
          this.#looked.set(way[i] as number, way[i + 1] as number, SUCCEEDED);
        }
        return true;
      }
      if (goesOn) at = next[at] as number;
      else if (waiting.length === 0) return false;
      else {
        way.length = waiting.pop() as number;
        pos = waiting.pop() as number;
        at = waiting.pop() as number;
      }
    }
  }

  #step(): void {
    if (++this.#nSteps < STEPS_AT_ONCE) return;
    this.#budget.spend(this.#nSteps);
    this.#nSteps = 0;
  }
}

/** Whether a character of two UTF-16 units begins here. */
function isPair(text: string, pos: number): boolean {
  return (text.codePointAt(pos) ?? 0) > 0xffff;
}

function codePointBefore(text: string, pos: number): number | undefined {
  if (pos === 0) return undefined;
  return pos > 1 && isPair(text, pos - 2) ? text.codePointAt(pos - 2) : text.charCodeAt(pos - 1);
}
