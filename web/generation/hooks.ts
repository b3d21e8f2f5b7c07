import type { FinishReason, Piece, PrefillProgress, RequestOutput } from '../results/generation-result.js';
import type { Sequence } from './sequence.js';

/** Told of a request's text as it comes. */
export interface Streamer {
  put(piece: Piece): void;
  /** Called between the passes that read the prompt; left out where nobody listens. */
  prefill?(progress: PrefillProgress): void;
  /** The last word. */
  end(output: RequestOutput): void;
  /** What there is, as an error is about to end everything. */
  fail(output: RequestOutput): void;
}

/** Looked at after each token: why the text ends with it, or null. */
export type StoppingCriterion = (sequence: Sequence) => FinishReason | null | Promise<FinishReason | null>;
