import type { JsonObject } from '../../base/json.js';
import { SequenceNormalizer } from '../../vendor/tokenizers.js';
import { makePattern, replaceAll } from './file-pattern.js';
import { damaged, flattenSequence, type JsonPart, typeOf } from './json-part.js';
import { STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';

/** A step of what is done to a text before it is split. */
export type Normalizer = (text: string, budget: StepBudget) => string;

const plain = (part: JsonPart) => ofLibrary({ type: part.get('type') });

const NORMALIZERS: ReadonlyMap<string, (part: JsonPart) => Normalizer> = new Map([
  [
    'BertNormalizer',
    (part) =>
      ofLibrary({
        type: 'BertNormalizer',
        clean_text: part.flag('clean_text', false),
        handle_chinese_chars: part.flag('handle_chinese_chars', false),
        lowercase: part.flag('lowercase', false),
        // Null goes with lowercase.
        ...(part.has('strip_accents') && { strip_accents: part.flag('strip_accents', false) }),
      }),
  ],
  ['Precompiled', plain],
  [
    'Replace',
    (part) => {
      const pattern = makePattern(part);
      const content = part.text('content', '');
      return (text, budget) => replaceAll(pattern, content, text, budget);
    },
  ],
  ['NFC', plain],
  ['NFD', plain],
  ['NFKC', plain],
  ['NFKD', plain],
  [
    'Strip',
    (part) =>
      ofLibrary({
        type: 'Strip',
        strip_left: part.flag('strip_left', false),
        strip_right: part.flag('strip_right', false),
      }),
  ],
  ['StripAccents', plain],
  ['Lowercase', plain],
  ['Prepend', (part) => ofLibrary({ type: 'Prepend', prepend: part.text('prepend') })],
]);

/** The steps of tokenizer.json's normalizer. */
export function makeNormalizers(json: unknown): Normalizer[] {
  return flattenSequence(json, 'normalizer', 'normalizers').map((part) => typeOf(part, NORMALIZERS)(part));
}

/** @throws SottoError 'unsupported-tokenizer' when they make too much of it. */
export function normalize(normalizers: readonly Normalizer[], text: string, budget: StepBudget): string {
  let normalized = text;
  for (const normalizer of normalizers) {
    normalized = normalizer(normalized, budget);
    budget.spend(STEPS_TO_TOUCH * normalized.length);
    budget.checkLength(normalized.length);
  }
  return normalized;
}

function ofLibrary(config: JsonObject): Normalizer {
  const [normalizer] = new SequenceNormalizer({ normalizers: [config] }).normalizers;
  if (!normalizer) throw damaged(`normalizer has a step that does nothing, ${String(config.type)}`);
  return (text, budget) => {
    budget.spend(stepsOfMarks(text));
    return normalizer.normalize(text);
  };
}

/**
 * The order of marks behind a letter is one of Unicode's normal forms, and the engines' sorting of n of them takes n² steps, of
 * 0.4 ns: ten minutes for a megabyte. People write up to some dozens.
 */
function stepsOfMarks(text: string): number {
  let steps = 0;
  for (const [marks] of text.matchAll(/\p{M}+/gu)) steps += marks.length ** 2 / 25;
  return steps;
}
