/** How a drafting pass turned out. */
export interface DraftOutcome {
  nDrafted: number;
  nAccepted: number;
  /** What the pass and the choice of its tokens took, in milliseconds. */
  ms: number;
}

/** A draft may lose so much of the time that decoding has taken, before it must have won something. */
const MOST_LOSS = 0.03;
/** How fast the estimate of a plain step follows the last ones. */
const SMOOTHING = 0.2;

/**
 * Drafts the next tokens: what followed the last tokens where they stood before, the longest such end of the text, and of
 * those of equal length the latest (prompt lookup decoding, Saxena, 2023).
 *
 * Drafts that fail cost time, so their accounts are kept: while they have lost more than a small share of the time so far,
 * none is made. Which drafts are made does not change a token, only when it comes.
 */
export class PromptLookup {
  readonly #maxNgram: number;
  readonly #maxDraft: number;
  #length: number; // of the next draft
  #stepMs = 0; // an estimate of what one token without drafts takes
  #spentMs = 0;
  #balanceMs = 0; // won by drafts, less what they lost

  constructor({ maxNgram, maxDraft }: { maxNgram: number; maxDraft: number }) {
    this.#maxNgram = maxNgram;
    this.#maxDraft = maxDraft;
    this.#length = Math.min(2, maxDraft);
  }

  /** At most `most` tokens that may follow `ids`; none when nothing is found or drafts do not pay. */
  draft(ids: readonly number[], most: number): number[] {
    const isKnown = this.#stepMs > 0;
    const mayLose = this.#stepMs + MOST_LOSS * this.#spentMs;
    if (!isKnown || this.#balanceMs + mayLose < this.#stepMs) return [];
    const end = this.#find(ids);
    return end === null ? [] : ids.slice(end, end + Math.min(this.#length, most));
  }

  /** Keeps the accounts of a pass, with or without a draft. */
  learn({ nDrafted, nAccepted, ms }: DraftOutcome): void {
    this.#spentMs += ms;
    if (nDrafted === 0) {
      this.#stepMs += (this.#stepMs === 0 ? 1 : SMOOTHING) * (ms - this.#stepMs);
      return;
    }
    this.#balanceMs += (nAccepted + 1) * this.#stepMs - ms;
    const isRight = nAccepted === nDrafted;
    this.#length = isRight ? Math.min(this.#maxDraft, 2 * this.#length) : Math.max(2, nAccepted + 1);
    this.#length = Math.min(this.#length, this.#maxDraft);
  }

  /** Where the tokens behind the earlier occurrence begin, or null. */
  #find(ids: readonly number[]): number | null {
    const last = ids.length - 1;
    let best: number | null = null;
    let bestLength = Math.min(2, this.#maxNgram) - 1; // one token alone says too little
    for (let end = last; end > 0 && bestLength < this.#maxNgram; end--) {
      let length = 0;
      while (length < this.#maxNgram && length < end && ids[end - 1 - length] === ids[last - length])
        length++;
      if (length > bestLength) [best, bestLength] = [end, length];
    }
    return best;
  }
}
