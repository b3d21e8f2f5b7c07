// What the model looked at while it read a token: the attention weights of its layers and heads, and their means.

/**
 * @param {import('../../web/index.ts').Session} session a text; it stays what it is
 * @param {number} position of a token in it
 * @returns {Promise<Attention>}
 */
export async function attentionAt(session, position) {
  const ids = await session.tokens();
  const fork = await session.fork();
  try {
    await fork.truncate(position);
    await fork.tap(['attention']);
    await fork.append([ids[position]]);
    const { attention } = await fork.taps();
    return new Attention(attention ?? new Float32Array(0), position + 1);
  } finally {
    void fork.dispose();
  }
}

export class Attention {
  /** How many heads of all layers there are. */
  nPlanes;
  #weights;
  #length;

  /**
   * @param {Float32Array} weights [heads of all layers, length]
   * @param {number} length
   */
  constructor(weights, length) {
    this.#weights = weights;
    this.#length = length;
    this.nPlanes = weights.length / length;
  }

  /** The mean weight of each token, over planes of which `isWanted` says so. */
  mean(isWanted = () => true) {
    const sum = new Float64Array(this.#length);
    let n = 0;
    for (let plane = 0; plane < this.nPlanes; plane++) {
      if (!isWanted(plane)) continue;
      n++;
      for (let at = 0; at < this.#length; at++) sum[at] += this.#weights[plane * this.#length + at];
    }
    return Array.from(sum, (value) => value / Math.max(1, n));
  }
}
