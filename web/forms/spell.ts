import { quoted } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import { type CheckedGrammar, checkGrammar } from './check-grammar.js';
import { type CodePointRange, intersectRanges } from './code-points.js';
import {
  choice,
  type Expression,
  type Grammar,
  NEVER,
  oneOfCharacters,
  repeat,
  sequence,
} from './grammar.js';

/**
 * What of a grammar can be written with some characters alone: so that no text comes to where no token leads on.
 *
 * @param name What messages call it.
 * @throws SottoError 'unsupported-tokenizer' where that is nothing.
 */
export function spell(grammar: Grammar, spellable: readonly CodePointRange[], name: string): CheckedGrammar {
  let missing: string | null = null;
  const has = (character: string) => {
    const codePoint = character.codePointAt(0) as number;
    const isThere = spellable.some(([first, last]) => codePoint >= first && codePoint <= last);
    if (!isThere) missing ??= character;
    return isThere;
  };
  const restrict = (expression: Expression): Expression => {
    switch (expression.kind) {
      case 'text':
        return [...expression.text].every(has) ? expression : NEVER;
      case 'class': {
        const ranges = intersectRanges(expression.ranges, spellable);
        return ranges.length === 0 ? NEVER : oneOfCharacters(...ranges);
      }
      case 'bytes': {
        // Those of characters of more than one byte would have to be told apart from each other.
        const ranges = intersectRanges(intersectRanges(expression.ranges, spellable), [[0, 0x7f]]);
        return ranges.length === 0 ? NEVER : oneOfCharacters(...ranges);
      }
      case 'sequence':
        return sequence(...expression.parts.map(restrict));
      case 'choice':
        return choice(...expression.options.map(restrict));
      case 'repeat':
        return repeat(restrict(expression.part), expression.least, expression.most);
      case 'rule':
        return expression;
    }
  };
  const rules = new Map([...grammar.rules].map(([name, expression]) => [name, restrict(expression)]));
  try {
    return checkGrammar({ root: grammar.root, rules }, name, false);
  } catch (cause) {
    const what = missing === null ? 'some characters' : quoted(missing);
    const problem = `${name}: the model's tokenizer has no token for ${what}, and no text of that form is without`;
    throw new SottoError('unsupported-tokenizer', problem, { cause });
  }
}
