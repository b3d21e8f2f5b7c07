import type { Pattern } from './linear-pattern.js';
import type { StepBudget } from './step-budget.js';

/** What becomes of the places that a Split finds. */
export type SplitBehavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

/** A part of the text: a match, or what is between matches. */
interface Part {
  begin: number;
  end: number;
  isMatch: boolean;
}

/**
 * Splits a text at what a pattern finds, as `SplitDelimiterBehavior` of the Rust library `tokenizers` does.
 *
 * @param invert Whether what the pattern finds are the words, and what is between them the places to split at.
 */
export function* splitByPattern(
  pattern: Pattern,
  behavior: SplitBehavior,
  invert: boolean,
  text: string,
  budget: StepBudget,
): Generator<string> {
  let waiting: Part | null = null; // what the next part may yet join
  for (const part of partsOf(pattern, invert, text, budget)) {
    if (behavior === 'Removed' && part.isMatch) continue;
    if (waiting === null) waiting = { ...part };
    else if (joins(behavior, waiting, part)) {
      waiting.end = part.end;
      // Only the first of several matches goes with the part before.
      waiting.isMatch = part.isMatch;
    } else {
      yield text.slice(waiting.begin, waiting.end);
      waiting = { ...part };
    }
  }
  if (waiting !== null) yield text.slice(waiting.begin, waiting.end);
}

function joins(behavior: SplitBehavior, before: Part, part: Part): boolean {
  if (behavior === 'MergedWithPrevious') return !before.isMatch && part.isMatch;
  if (behavior === 'MergedWithNext') return before.isMatch && !part.isMatch;
  return behavior === 'Contiguous' && before.isMatch === part.isMatch;
}

function* partsOf(pattern: Pattern, invert: boolean, text: string, budget: StepBudget): Generator<Part> {
  const search = pattern.search(text, budget);
  let behind = 0;
  while (search.next()) {
    if (search.begin > behind) yield { begin: behind, end: search.begin, isMatch: invert };
    if (search.end > search.begin) yield { begin: search.begin, end: search.end, isMatch: !invert };
    behind = search.end;
  }
  if (text.length > behind) yield { begin: behind, end: text.length, isMatch: invert };
}
