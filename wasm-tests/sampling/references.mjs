// Independent versions of what the sampler does, and the statistics by which its draws are judged.

/** PCG XSH RR 64/32 (O'Neill, 2014, HMC-CS-2014-0905), on big integers. `increment` picks one of its streams. */
export class Pcg {
  #state = 0n;
  #increment;

  constructor(seed, increment = 1442695040888963407n) {
    this.#increment = increment;
    this.next();
    this.#state += BigInt(seed);
    this.next();
  }

  /** 32 uniform bits. */
  next() {
    const old = BigInt.asUintN(64, this.#state);
    this.#state = BigInt.asUintN(64, old * 6364136223846793005n + this.#increment);
    const xorshifted = BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n);
    const rotation = old >> 59n;
    return BigInt.asUintN(32, (xorshifted >> rotation) | (xorshifted << (32n - rotation)));
  }

  /** Uniform in [0, 1): 27 bits of one number before 26 bits of the next. */
  uniform() {
    const high = this.next() >> 5n;
    const low = this.next() >> 6n;
    return Number((high << 26n) | low) / 2 ** 53;
  }
}

/** Probabilities in double precision; a logit of minus infinity has none. */
export function softmax(logits) {
  const max = logits.reduce((a, b) => Math.max(a, b));
  const weights = Array.from(logits, (logit) => Math.exp(logit - max));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** Ids of the k largest logits and of all that equal the k-th, ascending. */
export function topKIds(logits, k) {
  const ascending = Float32Array.from(logits).sort();
  const least = ascending[Math.max(logits.length - k, 0)];
  return Array.from(logits.keys()).filter((id) => logits[id] >= least);
}

/** Pearson's statistic: sum of (observed - expected)^2 / expected. Ids of probability 0 must not occur. */
export function chiSquared(counts, probabilities) {
  const nDraws = counts.reduce((a, b) => a + b);
  return counts.reduce((sum, observed, id) => {
    const expected = nDraws * probabilities[id];
    if (expected === 0) return observed === 0 ? sum : Number.POSITIVE_INFINITY;
    return sum + (observed - expected) ** 2 / expected;
  }, 0);
}

/**
 * What a chi-squared variable stays below with probability 0.999 (Wilson and Hilferty's approximation, 1931: its cube
 * root is about normal; 3.0902 is the normal's own quantile).
 */
export function chiSquaredLimit(degreesOfFreedom) {
  const variance = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - variance + 3.0902 * Math.sqrt(variance)) ** 3;
}
