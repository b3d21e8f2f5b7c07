import { SottoError } from '../../results/errors.js';

/** By these symbols the AI SDK knows its own errors, whichever copy of it made them. */
const SDK_ERROR = Symbol.for('vercel.ai.error');
const SDK_UNSUPPORTED = Symbol.for('vercel.ai.error.AI_UnsupportedFunctionalityError');

/**
 * What a message holds and no model here reads. It is a SottoError, and to the SDK an `UnsupportedFunctionalityError`:
 * `UnsupportedFunctionalityError.isInstance(error)` is true.
 */
export class UnsupportedPartError extends SottoError {
  readonly [SDK_ERROR] = true;
  readonly [SDK_UNSUPPORTED] = true;
  /** What it is that is not read. */
  readonly functionality: string;

  constructor(functionality: string, place: string) {
    super(
      'bad-option',
      `${place} holds ${functionality}: this version of sotto reads text alone. Leave it out, or say in words what is in it`,
    );
    this.functionality = functionality;
  }
}
