// A text and its branches: each is a session that shares with the others what they have in common.

/** So many texts are kept at once. */
export const MOST_BRANCHES = 12;

/**
 * @typedef {{ id: number, text: string, logprob: number, alternatives: import('../../web/index.ts').TokenLogProbability[],
 *   isGiven?: boolean, isEnd?: boolean }} Token `isGiven`: the visitor chose it; `isEnd`: it ends the text
 */

/** One of the texts of a story: its tokens are those of the session behind the prompt. */
export class Branch {
  /** @type {Token[]} */
  tokens = [];
  /** What its generation came to; without one it ends with the token that it began with. */
  result = {
    finishReason: 'end-token',
    usage: { completionTokens: 0, cachedTokens: 0 },
    timings: { tokensPerSecond: 0, timeToFirstTokenMs: 0 },
  };
  readMs = 0;

  /**
   * @param {import('../../web/index.ts').Session} session
   * @param {Branch | null} parent what it branched off
   * @param {number} from the index of the token that it began with, which stands in the place of one of its parent's
   */
  constructor(session, parent = null, from = 0) {
    this.session = session;
    this.parent = parent;
    this.from = from;
  }

  /**
   * Takes what a generation gave. Text that comes from several tokens stands at the first of them.
   *
   * @param {import('../../web/index.ts').Piece} piece
   * @param {readonly number[]} endTokens the model's
   */
  add({ text, tokenIds, logprobs }, endTokens) {
    for (const [index, id] of tokenIds.entries()) {
      const { logprob, alternatives } = logprobs[index];
      this.tokens.push({
        id,
        text: index === 0 ? text : '',
        logprob,
        alternatives,
        isEnd: endTokens.includes(id),
      });
    }
  }
}

export class Story {
  promptLength = 0;
  /** @type {Branch[]} oldest first */
  branches;
  /** @type {Branch} */
  selected;

  /**
   * @param {import('../../web/index.ts').Session} session empty, or with the prompt
   * @param {object} options of all its generations
   */
  constructor(session, options) {
    this.options = options;
    this.selected = new Branch(session);
    this.branches = [this.selected];
  }

  /** The branch that goes on with this token in the place of one of the selected branch's, if it is there already. */
  find(index, id) {
    const { selected } = this;
    const sharesAll = (branch) =>
      selected.tokens.slice(0, index).every((token, at) => token.id === branch.tokens[at]?.id);
    return this.branches.find((branch) => branch.tokens[index]?.id === id && sharesAll(branch)) ?? null;
  }

  /**
   * Branches off the selected text: it is the same up to a token, and goes on with another one there.
   *
   * @param {number} index of the token
   * @param {Token} token what stands in its place
   */
  async fork(index, token) {
    const session = await this.selected.session.fork();
    try {
      await session.truncate(this.promptLength + index);
      await session.append([token.id]);
    } catch (error) {
      void session.dispose();
      throw error;
    }
    // What stands before the place where a text branched off is another's.
    let parent = this.selected;
    while (parent.parent !== null && index <= parent.from) parent = parent.parent;
    const branch = new Branch(session, parent, index);
    branch.tokens = [...this.selected.tokens.slice(0, index), token];
    this.branches.push(branch);
    this.selected = branch;
    return branch;
  }

  /** Lets a text go where there are too many: the oldest that nothing branches off. Gives it, or null. */
  trim() {
    if (this.branches.length <= MOST_BRANCHES) return null;
    const others = this.branches.filter((branch) => branch !== this.selected && branch.parent !== null);
    const isParent = (branch) => this.branches.some(({ parent }) => parent === branch);
    const oldest = others.find((branch) => !isParent(branch)) ?? others[0];
    for (const branch of this.branches) {
      if (branch.parent === oldest) Object.assign(branch, { parent: oldest.parent, from: oldest.from });
    }
    this.branches = this.branches.filter((branch) => branch !== oldest);
    void oldest.session.dispose();
    return oldest;
  }

  async dispose() {
    await Promise.all(this.branches.map(({ session }) => session.dispose().catch(() => {})));
  }
}
