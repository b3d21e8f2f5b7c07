import { shown } from '../../base/json.js';
import { SplitPreTokenizer } from '../../vendor/tokenizers.js';
import { JsonPart, unsupported } from './json-part.js';
import { LinearPattern, type Pattern } from './linear-pattern.js';
import { LiteralPattern } from './literal-pattern.js';
import { STEPS_TO_MAKE_WORD, type StepBudget } from './step-budget.js';

/** Published patterns have up to 800 characters. */
const MAX_PATTERN_LENGTH = 4096;

/**
 * Makes a pattern as tokenizer.json has it: `{ "String": … }` or `{ "Regex": … }`, in Oniguruma's way of writing, which the
 * library puts into JavaScript's.
 *
 * @throws SottoError 'bad-file' for what is neither, 'unsupported-tokenizer' for what cannot be read or run.
 */
export function makePattern(part: JsonPart): Pattern {
  const pattern = new JsonPart(part.get('pattern'), `${part.path}.pattern`);
  if (!pattern.has('Regex')) return new LiteralPattern(pattern.text('String'));
  const written = pattern.get('Regex');
  if (typeof written !== 'string') throw pattern.bad('Regex', 'should be a string');
  if (written.length > MAX_PATTERN_LENGTH) {
    throw pattern.bad('Regex', `should have at most ${MAX_PATTERN_LENGTH} characters`);
  }
  try {
    return new LinearPattern(new SplitPreTokenizer({ pattern: { Regex: written } }).pattern.source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unsupported(
      `${pattern.path} is ${shown(written)}, which cannot be run: ${reason.slice(0, 200)}`,
      cause,
    );
  }
}

/** The text with each match replaced, by the content as it stands: `$1` has no meaning. */
export function replaceAll(pattern: Pattern, content: string, text: string, budget: StepBudget): string {
  const search = pattern.search(text, budget);
  const parts: string[] = [];
  let behind = 0;
  let length = 0;
  while (search.next()) {
    parts.push(text.slice(behind, search.begin), content);
    length += search.begin - behind + content.length;
    behind = search.end;
    budget.spend(STEPS_TO_MAKE_WORD);
    budget.checkLength(length);
  }
  if (parts.length === 0) return text;
  parts.push(text.slice(behind));
  return parts.join('');
}
