import type { ResolvedResponseFormat } from '../options/response-format.js';
import { SottoError } from '../results/errors.js';
import { checkGrammar } from './check-grammar.js';
import { combine } from './combine.js';
import type { Form } from './constraint.js';
import { OwnEngine } from './engine/own-engine.js';
import { choice, type Expression, type Grammar, rule, text } from './grammar.js';
import { GrammarConstraint } from './grammar-constraint.js';
import type { CompiledGrammar } from './grammar-engine.js';
import { VALUE_RULES } from './json-parts.js';
import { compileSchema } from './schema/compile-schema.js';
import { spell } from './spell.js';
import { readGbnf } from './syntax/gbnf.js';
import { readRegex } from './syntax/regex.js';
import { readVocabulary, type TokenTexts, type Vocabulary } from './vocabulary.js';

/** How many compiled grammars are kept for the next call. */
const MOST_KEPT = 8;

/** What a form depends on, besides the format. */
export interface FormOptions {
  /** Those that may end an answer; the first one is taken where nothing else may come. */
  endTokenIds: readonly number[];
  /** The most tokens of an answer, its end token included: a form that cannot end by then is refused. Default: no limit. */
  maxNewTokens?: number;
  /** The option that messages name. Default: 'responseFormat'. */
  name?: string;
}

interface Kept {
  readonly compiled: CompiledGrammar;
  readonly leastBytes: number;
}

/** The forms of one model. */
export class Forms {
  readonly #tokenizer: TokenTexts;
  readonly #vocabSize: number;
  #vocabulary: Vocabulary | null = null;
  /** By the grammar's text, the latest last. */
  readonly #kept = new Map<string, Kept>();

  /** @param vocabSize How many logits the model has. */
  constructor(tokenizer: TokenTexts, vocabSize: number) {
    this.#tokenizer = tokenizer;
    this.#vocabSize = vocabSize;
  }

  /**
   * Makes a form ready. Nothing of it is taken from the caller but data.
   *
   * @throws SottoError 'bad-option' for what is no form, or cannot be kept to; 'unsupported-tokenizer'
   */
  async compile(format: ResolvedResponseFormat, options: FormOptions): Promise<Form> {
    return this.compileGrammar(JSON.stringify(format), () => grammarOf(format), options, isWritten(format));
  }

  /**
   * The same of a grammar, for whoever has one of another kind than those.
   *
   * @param key Such that equal keys mean equal grammars.
   */
  async compileGrammar(
    key: string,
    make: () => Grammar,
    options: FormOptions,
    hasNames = false,
  ): Promise<Form> {
    const { endTokenIds, name = 'responseFormat' } = options;
    if (endTokenIds.length === 0) {
      const problem =
        `${name}: the model has no end token, by which the end of an answer is known. Give it one in its ` +
        'generation_config.json (eos_token_id).';
      throw new SottoError('unsupported-tokenizer', problem);
    }
    const kept = this.#keep(key, make, options, hasNames);
    this.#checkLength(kept, options);
    const { compiled } = kept;
    const use = { compiled, endTokenIds, vocabSize: this.#vocabSize, tokenizer: this.#tokenizer };
    return { start: async () => new GrammarConstraint(use) };
  }

  #keep(key: string, make: () => Grammar, options: FormOptions, hasNames: boolean): Kept {
    const kept = this.#kept.get(key) ?? this.#compile(make, options, hasNames);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest as string);
    return kept;
  }

  #compile(make: () => Grammar, { name = 'responseFormat' }: FormOptions, hasNames: boolean): Kept {
    try {
      return this.#compileBounded(make, name, hasNames);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new SottoError('bad-option', `${name} is too large, or nested too deep`, { cause });
    }
  }

  #compileBounded(make: () => Grammar, name: string, hasNames: boolean): Kept {
    const checked = checkGrammar(make(), name, hasNames);
    this.#vocabulary ??= readVocabulary(this.#tokenizer, this.#vocabSize);
    const { spellable } = this.#vocabulary;
    const { grammar, leastBytes } = spellable === null ? checked : spell(checked.grammar, spellable, name);
    const engine = new OwnEngine(this.#vocabulary, this.#tokenizer);
    return { compiled: engine.compile(grammar), leastBytes };
  }

  /** An end token counts, too. Where every byte is a token, no text needs more of them than it has bytes. */
  #checkLength({ compiled, leastBytes }: Kept, { maxNewTokens, name = 'responseFormat' }: FormOptions): void {
    if (maxNewTokens === undefined || leastBytes < maxNewTokens) return;
    const { longest } = this.#vocabulary as Vocabulary;
    const isTooLong = Math.ceil(leastBytes / longest) >= maxNewTokens;
    if (!isTooLong && compiled.leastTokens(maxNewTokens - 1) !== 'more') return;
    const problem = `${name}: the shortest answer of that form has more tokens than maxNewTokens, which is ${maxNewTokens}`;
    throw new SottoError('bad-option', problem);
  }
}

function isWritten(format: ResolvedResponseFormat): boolean {
  return format.type === 'grammar';
}

function grammarOf(format: ResolvedResponseFormat): Grammar {
  switch (format.type) {
    case 'json':
      return {
        root: 'root',
        rules: new Map([['root', choice(rule('object'), rule('array'))], ...VALUE_RULES]),
      };
    case 'regex': {
      const path = 'responseFormat.pattern';
      const rules = new Map<string, Expression>();
      const conditions = readRegex(format.pattern, path, true);
      const [only] = conditions;
      const root = conditions.length === 1 ? only?.expression : combine(conditions, path, path, false, rules);
      return { root: 'root', rules: rules.set('root', root as Expression) };
    }
    case 'grammar':
      return readGbnf(format.grammar, 'responseFormat.grammar');
    case 'choice':
      return alone(choice(...[...new Set(format.options)].map(text)));
    case 'json-schema':
      return grammarOfSchema(format.schema, format.strict);
  }
}

function grammarOfSchema(schema: unknown, isStrict: boolean): Grammar {
  const rules = new Map<string, Expression>();
  const root = compileSchema(schema, 'responseFormat.schema', isStrict, rules);
  return { root: 'root', rules: rules.set('root', root) };
}

function alone(expression: Expression): Grammar {
  return { root: 'root', rules: new Map([['root', expression]]) };
}
