import type { JsonObject } from '../../base/json.js';
import { SequencePreTokenizer } from '../../vendor/tokenizers.js';
import { BYTE_LEVEL_PATTERN, byteCharacters } from '../byte-level.js';
import { makePattern, replaceAll } from './file-pattern.js';
import { damaged, flattenSequence, type JsonPart, typeOf } from './json-part.js';
import { LinearPattern } from './linear-pattern.js';
import { LiteralPattern } from './literal-pattern.js';
import { type SplitBehavior, splitByPattern } from './split.js';
import { STEPS_TO_MAKE_WORD, STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';

/**
 * A step of splitting a text into words, one by one as they are asked for.
 *
 * @param isFirst Whether the text is the first between added tokens.
 */
export type PreTokenizer = (text: string, isFirst: boolean, budget: StepBudget) => Iterable<string>;

const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
/** A character, or what a file writes in its place. */
const MAX_REPLACEMENT_LENGTH = 16;

const plain = (part: JsonPart) => ofLibrary({ type: part.get('type') });

const PRE_TOKENIZERS: ReadonlyMap<string, (part: JsonPart) => PreTokenizer> = new Map([
  ['BertPreTokenizer', plain],
  ['Whitespace', plain],
  ['WhitespaceSplit', plain],
  ['Metaspace', makeMetaspace],
  ['ByteLevel', makeByteLevel],
  [
    'Split',
    (part) => {
      const pattern = makePattern(part);
      const behavior = part.choice('behavior', BEHAVIORS, 'Isolated');
      const invert = part.flag('invert', false);
      return (text, _, budget) => splitByPattern(pattern, behavior, invert, text, budget);
    },
  ],
  [
    'Punctuation',
    (part) => splitting('[!-/:-@\\[-`{-~\\p{P}]', part.choice('behavior', BEHAVIORS, 'Isolated')),
  ],
  [
    'Digits',
    (part) => splitting('\\p{N}', part.flag('individual_digits', false) ? 'Isolated' : 'Contiguous'),
  ],
  [
    'Replace',
    (part) => {
      const pattern = makePattern(part);
      const content = part.text('content', '');
      return (text, _, budget) => [replaceAll(pattern, content, text, budget)];
    },
  ],
  ['FixedLength', (part) => ofLibrary({ type: 'FixedLength', length: part.count('length', 1) })],
]);

/** The steps of tokenizer.json's pre_tokenizer. */
export function makePreTokenizers(json: unknown): PreTokenizer[] {
  return flattenSequence(json, 'pre_tokenizer', 'pretokenizers').map((part) =>
    typeOf(part, PRE_TOKENIZERS)(part),
  );
}

/** The words of a text. */
export function preTokenize(
  preTokenizers: readonly PreTokenizer[],
  text: string,
  isFirst: boolean,
  budget: StepBudget,
): Iterable<string> {
  let words: Iterable<string> = [text];
  for (const preTokenizer of preTokenizers) words = splitAgain(words, preTokenizer, isFirst, budget);
  return words;
}

function* splitAgain(
  words: Iterable<string>,
  preTokenizer: PreTokenizer,
  isFirst: boolean,
  budget: StepBudget,
): Generator<string> {
  let length = 0;
  for (const word of words) {
    for (const part of preTokenizer(word, isFirst, budget)) {
      length += part.length;
      budget.checkLength(length);
      budget.spend(STEPS_TO_MAKE_WORD + STEPS_TO_TOUCH * part.length);
      if (part !== '') yield part;
    }
  }
}

function ofLibrary(config: JsonObject): PreTokenizer {
  const [preTokenizer] = new SequencePreTokenizer({ pretokenizers: [config] }).tokenizers;
  if (!preTokenizer) throw damaged(`pre_tokenizer has a step that does nothing, ${String(config.type)}`);
  return (text, isFirst) => preTokenizer.pre_tokenize_text(text, { section_index: isFirst ? 0 : 1 });
}

/** The library knows one behaviour of Punctuation, and ASCII's digits. */
function splitting(source: string, behavior: SplitBehavior): PreTokenizer {
  const pattern = new LinearPattern(source);
  return (text, _, budget) => splitByPattern(pattern, behavior, false, text, budget);
}

function makeMetaspace(part: JsonPart): PreTokenizer {
  for (const key of ['replacement', 'str_rep']) {
    if (part.text(key, '').length > MAX_REPLACEMENT_LENGTH) throw part.bad(key, 'should be a character');
  }
  const replacement = part.text('replacement', '\u2581');
  const replace = ofLibrary({
    type: 'Metaspace',
    replacement,
    str_rep: part.text('str_rep', ''),
    prepend_scheme: part.choice('prepend_scheme', ['always', 'first', 'never'], 'always'),
  });
  if (!part.flag('split', true)) return replace;
  // The library leaves the words together.
  const sign = new LiteralPattern(replacement);
  return function* (text, isFirst, budget) {
    for (const written of replace(text, isFirst, budget)) {
      yield* splitByPattern(sign, 'MergedWithNext', false, written, budget);
    }
  };
}

function makeByteLevel(part: JsonPart): PreTokenizer {
  const addsSpace = part.flag('add_prefix_space', false);
  const splits = part.flag('use_regex', true);
  return function* (given) {
    const text = addsSpace && !given.startsWith(' ') ? ` ${given}` : given;
    if (!splits) return yield byteCharacters(text);
    for (const [word] of text.matchAll(BYTE_LEVEL_PATTERN)) yield byteCharacters(word);
  };
}
