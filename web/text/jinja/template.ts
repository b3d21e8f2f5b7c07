import { SottoError } from '../../results/errors.js';
import type { TextRange } from '../tokenizer/literal-text.js';
import { fail, TemplateFailure, withBudget } from './budget.js';
import { ContextCopier } from './context.js';
import { FILTER_NAMES } from './filters.js';
import { makeGlobals, TemplateRefusal } from './globals.js';
import { Interpreter } from './interpreter.js';
import { Lexer } from './lexer.js';
import { TextBuilder } from './marked-text.js';
import type { Statement } from './nodes.js';
import { Parser } from './parser.js';
import { Scope } from './scope.js';
import { TEST_NAMES } from './tests.js';
import type { Value } from './values.js';

/** What a template made of messages. */
export interface Rendering {
  text: string;
  /** Where the text came from what the caller gave, in UTF-16 units: sorted, disjoint, not empty. */
  literal: TextRange[];
}

export interface RenderOptions {
  /** The variables whose strings, at any depth and keys too, are literal. */
  literal: readonly string[];
  /** What `strftime_now` tells, in local time; now, unless it is given. */
  now?: Date;
}

/** A template is a few kilobytes; this is far above any. */
const MAX_SOURCE = 1024 * 1024;

/** A model's chat template in Jinja2, as transformers renders it. */
export class ChatTemplate {
  readonly #body: readonly Statement[];

  private constructor(body: readonly Statement[]) {
    this.#body = body;
  }

  /** @throws SottoError 'bad-template' where it is damaged, or uses what there is not. */
  static parse(source: string): ChatTemplate {
    let line = () => 1;
    return guarded(
      () => {
        if (source.length > MAX_SOURCE)
          fail(`it has ${source.length} characters; at most ${MAX_SOURCE} are taken`);
        const lexer = new Lexer(source);
        line = () => lexer.line;
        const parser = new Parser(lexer.run(), { filters: FILTER_NAMES, tests: TEST_NAMES });
        line = () => parser.current.line;
        return new ChatTemplate(parser.template());
      },
      () => line(),
    );
  }

  /** @throws SottoError 'bad-template' where it fails, refuses the messages, or does not end. */
  render(context: Record<string, unknown>, options: RenderOptions): Rendering {
    const interpreter = new Interpreter();
    return guarded(
      () => {
        const variables = new Map<string, Value>();
        const literal = new ContextCopier(true);
        const own = new ContextCopier(false);
        for (const [name, value] of Object.entries(context)) {
          const copier = options.literal.includes(name) ? literal : own;
          if (value !== undefined) variables.set(name, copier.copy(value));
        }
        const globals = new Scope(null, makeGlobals(options.now ?? new Date()));
        const to = new TextBuilder();
        interpreter.run(this.#body, new Scope(new Scope(globals, variables)), to);
        const { text, marks } = to.build();
        const ranges: TextRange[] = [];
        for (let i = 0; i < marks.length; i += 2) ranges.push([marks[i] as number, marks[i + 1] as number]);
        return { text, literal: ranges };
      },
      () => interpreter.line,
    );
  }
}

/** Runs within a budget, and turns what fails into errors that say where. */
function guarded<T>(run: () => T, line: () => number): T {
  try {
    return withBudget(run);
  } catch (error) {
    if (error instanceof TemplateRefusal) {
      throw new SottoError('bad-template', `the chat template refuses the messages: ${error.message}`);
    }
    const isTooDeep = error instanceof RangeError;
    if (!(error instanceof TemplateFailure) && !isTooDeep) throw error;
    const reason = isTooDeep ? 'its calls and blocks lie too deep in each other' : error.message;
    const advice = 'give another template, or messages that it takes';
    throw new SottoError('bad-template', `line ${line()} of the chat template: ${reason}; ${advice}`);
  }
}
