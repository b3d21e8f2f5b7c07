import type { Forms } from '../forms/forms.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import type { Tokenizer } from '../text/tokenizer.js';

/** The forms of one model, whose code is loaded when the first of them is asked for. */
export class LazyForms implements Pick<Forms, 'compile' | 'compileGrammar'> {
  readonly #tokenizer: Tokenizer;
  readonly #vocabSize: number;
  #forms: Promise<Forms> | null = null;

  /** @param vocabSize How many logits the model has. */
  constructor(tokenizer: Tokenizer, vocabSize: number) {
    this.#tokenizer = tokenizer;
    this.#vocabSize = vocabSize;
  }

  /** @throws SottoError as `Forms.compile`; 'network' where the code cannot be loaded */
  async compile(...given: Parameters<Forms['compile']>): ReturnType<Forms['compile']> {
    this.#forms ??= this.#load();
    return (await this.#forms).compile(...given);
  }

  /** @throws SottoError as `Forms.compileGrammar`; 'network' where the code cannot be loaded */
  async compileGrammar(...given: Parameters<Forms['compileGrammar']>): ReturnType<Forms['compileGrammar']> {
    this.#forms ??= this.#load();
    return (await this.#forms).compileGrammar(...given);
  }

  /** The code of tools' calls. @throws SottoError 'network' where it cannot be loaded */
  ofCalls(): Promise<Code> {
    return loadCode('tools');
  }

  async #load(): Promise<Forms> {
    try {
      const { Forms } = await loadCode('responseFormat');
      return new Forms(this.#tokenizer, this.#vocabSize);
    } catch (error) {
      this.#forms = null; // the next one tries again
      throw error;
    }
  }
}

type Code = typeof import('../forms/form-code.js');

/** @param option The one that asks for it. */
async function loadCode(option: string): Promise<Code> {
  try {
    return await import('../forms/form-code.js');
  } catch (cause) {
    const why = messageOf(cause);
    const problem = `${option}: a part of the package could not be loaded (${why}). Try again when there is a connection.`;
    throw new SottoError('network', problem, { cause });
  }
}
