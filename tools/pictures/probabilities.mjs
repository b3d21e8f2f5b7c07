// From logits to probabilities, in double precision, and what filters leave of them: written to be read.

/** @param {ArrayLike<number>} logits @param {number} temperature */
export function softmax(logits, temperature = 1) {
  const scaled = Float64Array.from(logits, (logit) => logit / temperature);
  const largest = scaled.reduce((most, value) => Math.max(most, value), -Infinity);
  const weights = scaled.map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * The likeliest tokens first; of equal ones the lower id.
 *
 * @param {Float64Array} probabilities
 * @returns {{ id: number, p: number }[]}
 */
export const ranked = (probabilities) =>
  Array.from(probabilities, (p, id) => ({ id, p })).sort((a, b) => b.p - a.p || a.id - b.id);

/** What a filter leaves, made to add up to 1 again. `keeps` gets a token, its rank and the sum of those before it. */
function filtered(probabilities, keeps) {
  const left = new Float64Array(probabilities.length);
  let before = 0;
  let total = 0;
  for (const [rank, { id, p }] of ranked(probabilities).entries()) {
    if (keeps(p, rank, before)) {
      left[id] = p;
      total += p;
    }
    before += p;
  }
  return left.map((p) => p / total);
}

/** The k likeliest. */
export const topK = (probabilities, k) => filtered(probabilities, (_, rank) => rank < k);

/** The fewest, by falling probability, that reach `share` together. */
export const topP = (probabilities, share) => filtered(probabilities, (_p, _rank, before) => before < share);

/** Those with at least this share of the largest probability. */
export function minP(probabilities, share) {
  const largest = Math.max(...probabilities);
  return filtered(probabilities, (p) => p >= share * largest);
}

/** KL(p ‖ q) in nats: how far q is from p. */
export const divergence = (p, q) =>
  p.reduce((sum, value, id) => sum + (value === 0 ? 0 : value * Math.log(value / q[id])), 0);

/** How many bits of surprise a natural logarithm of a probability is. */
export const bits = (logprob) => -logprob / Math.LN2;
