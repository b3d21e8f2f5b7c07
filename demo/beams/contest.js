// The search as it went, step by step, from what the watcher told: which texts ran on, ended, or were dropped.

/**
 * One text at one step.
 *
 * @typedef {{ tokenIds: number[], sum: number, hasEnded: boolean, parent: number }} Contestant
 *   `sum`: of the log-probabilities of its tokens. `parent`: its place among those that ran in the step before
 */

export class Contest {
  /** Each step: those that run on, the likeliest first, then those that ended in it. @type {Contestant[][]} */
  steps = [];
  #nBeams;
  #maxTokens;
  #endTokens;
  #promptLength;
  /** What the watcher told of the texts of one length, until those of the next one come. */
  #told = [];

  /** @param {{ nBeams: number, maxTokens: number, endTokens: readonly number[], promptLength: number }} rules of the search */
  constructor({ nBeams, maxTokens, endTokens, promptLength }) {
    this.#nBeams = nBeams;
    this.#maxTokens = maxTokens;
    this.#endTokens = endTokens;
    this.#promptLength = promptLength;
  }

  /** @param {{ tokenIds: number[], likeliest: { tokenId: number, logprob: number }[] }} told of a text that runs */
  tell({ tokenIds, likeliest }) {
    const own = tokenIds.slice(this.#promptLength);
    if (this.#told.length > 0 && own.length !== this.#told[0].tokenIds.length) this.#closeStep();
    this.#told.push({ tokenIds: own, likeliest });
  }

  /** Nothing more is told: the last step ends the search. */
  close() {
    if (this.#told.length > 0) this.#closeStep();
  }

  /** Whether a text came up in the contest, as a whole. @param {number[]} tokenIds */
  has(tokenIds) {
    return (
      this.steps[tokenIds.length - 1]?.some((each) => String(each.tokenIds) === String(tokenIds)) ?? false
    );
  }

  /** The text that a contestant goes on from; null at the first step. */
  parentOf(step, { parent }) {
    return step === 0 ? null : running(this.steps[step - 1])[parent];
  }

  /** Whether a contestant of a step runs, and has no place in the next one. */
  isDropped(step, contestant) {
    const next = this.steps[step + 1];
    if (next === undefined || contestant.hasEnded) return false;
    const place = running(this.steps[step]).indexOf(contestant);
    return !next.some(({ parent }) => parent === place);
  }

  /**
   * What follows from what was told, by the rules of the library's search: of all ways to go on, the likeliest `nBeams`
   * run on; one that ends counts where it is among the first `nBeams`. The last step has those only.
   */
  #closeStep() {
    const before = this.steps.length === 0 ? [{ sum: 0 }] : running(this.steps.at(-1));
    const ways = this.#told.flatMap(({ tokenIds, likeliest }, parent) =>
      likeliest.map(({ tokenId, logprob }) => ({
        tokenIds: [...tokenIds, tokenId],
        sum: Math.fround(before[parent].sum + logprob), // the library adds in this precision, too
        hasEnded: this.#endTokens.includes(tokenId),
        parent,
      })),
    );
    ways.sort((a, b) => b.sum - a.sum);
    const best = ways.slice(0, this.#nBeams);
    const isLast = this.steps.length + 1 === this.#maxTokens;
    const next = isLast ? running(best) : running(ways).slice(0, this.#nBeams);
    this.steps.push([...next, ...best.filter(({ hasEnded }) => hasEnded)]);
    this.#told = [];
  }
}

const running = (contestants) => contestants.filter(({ hasEnded }) => !hasEnded);

/** How the search compares texts: the mean of their tokens' log-probabilities. */
export const scoreOf = ({ tokenIds, sum }) => sum / tokenIds.length;
