// How likely the model found a token, in numbers and in words.

/** -log2 of the probability: 1 for a token that comes every second time, 10 for one of a thousand. */
export const bitsOf = (logprob) => Math.max(0, -logprob / Math.LN2);

/** "72 %", "8.1 %", "0.34 %", "< 0.01 %" */
export function percentOf(logprob) {
  const percent = Math.exp(logprob) * 100;
  if (percent < 0.01) return '< 0.01 %';
  if (percent >= 99.95) return '100 %';
  return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}

/**
 * Its place among the likeliest, from 1; null where it is not among those that are known.
 *
 * @param {{ id: number, alternatives: { tokenId: number }[] }} token
 */
export function rankOf({ id, alternatives }) {
  const index = alternatives.findIndex(({ tokenId }) => tokenId === id);
  return index < 0 ? null : index + 1;
}

/** How surprising it was, in words: "expected", "a surprise: 1 in 12" */
export function surpriseWords(logprob) {
  const bits = bitsOf(logprob);
  if (bits < 1) return 'expected';
  const odds = `1 in ${Math.round(2 ** bits).toLocaleString('en')}`;
  if (bits < 3) return `no great surprise: ${odds}`;
  return bits < 6 ? `a surprise: ${odds}` : `a great surprise: ${odds}`;
}

/** @param {number | null} rank */
export function rankWords(rank, nKnown) {
  if (rank === null) return `not among the ${nKnown} likeliest`;
  return rank === 1 ? 'the likeliest' : `${ORDINALS[rank - 2] ?? `${rank}th`} likeliest`;
}

const ORDINALS = ['second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];
