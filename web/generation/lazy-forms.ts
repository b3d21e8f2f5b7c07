import type { Forms } from '../forms/forms.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import type { Tokenizer } from '../text/tokenizer.js';

/** The forms of one model, whose code is loaded when the first of them is asked for. */
export class LazyForms implements Pick<Forms, 'compile'> {
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

  async #load(): Promise<Forms> {
    try {
      const { Forms } = await import('../forms/forms.js');
      return new Forms(this.#tokenizer, this.#vocabSize);
    } catch (cause) {
      this.#forms = null; // the next one tries again
      const detail = messageOf(cause);
      const problem = `responseFormat: a part of the package could not be loaded (${detail}). Try again when there is a connection.`;
      throw new SottoError('network', problem, { cause });
    }
  }
}
