// Beam search and contrastive search, written to be read; beam search as transformers' tensors go.

const { fround } = Math;
const UNUSED = -1e9; // the score of a place that holds nothing yet

/** The `k` largest of `items` by their number, the first of equal ones first. */
function topK(items, k, numberOf) {
  return [...items].sort((a, b) => numberOf(b) - numberOf(a)).slice(0, k); // sort() is stable
}

/**
 * Beam search with n beams of which all but the first start at -1e9, where places of ended sequences start too.
 *
 * @param {object} options numBeams, numReturnSequences, lengthPenalty, earlyStopping, maxNewTokens, endTokenIds
 * @param {(tokenIds: number[]) => ArrayLike<number>} rowOf log-probabilities after these tokens
 * @returns {{ tokenIds: number[], score: number }[]}
 */
export function beamSearch(options, rowOf) {
  const { numBeams, lengthPenalty, earlyStopping, maxNewTokens, endTokenIds } = options;
  const divide = (sum, length) => fround(sum / fround(length ** lengthPenalty));
  let running = Array.from({ length: numBeams }, (_, i) => ({ tokenIds: [], sum: i === 0 ? 0 : UNUSED }));
  let ended = Array.from({ length: numBeams }, () => ({ tokenIds: [], score: UNUSED, isEnded: false }));
  for (let length = 1; ; length++) {
    const continuations = running.flatMap(({ tokenIds, sum }) =>
      Array.from(rowOf(tokenIds), (logProbability, token) => ({
        tokenIds: [...tokenIds, token],
        sum: fround(sum + logProbability),
        isEnded: endTokenIds.includes(token) || length === maxNewTokens,
      })),
    );
    const best = topK(continuations, Math.max(2, 1 + endTokenIds.length) * numBeams, ({ sum }) => sum);
    const justEnded = best
      .slice(0, numBeams)
      .filter(({ isEnded }) => isEnded)
      .map(({ tokenIds, sum }) => ({ tokenIds, score: divide(sum, length), isEnded: true }));
    ended = topK([...ended, ...justEnded], numBeams, ({ score }) => score);
    running = topK(
      best.map(({ tokenIds, sum, isEnded }) => ({ tokenIds, sum: isEnded ? fround(sum + UNUSED) : sum })),
      numBeams,
      ({ sum }) => sum,
    );

    const isFull = ended.every(({ isEnded }) => isEnded);
    const hopedLength = earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : length;
    const canImprove = !isFull || divide(running[0].sum, hopedLength) > ended.at(-1).score;
    const goesOn = best.some(({ isEnded }) => !isEnded);
    if (!goesOn || !canImprove || (isFull && earlyStopping === true)) break;
  }
  return ended
    .filter(({ isEnded }) => isEnded)
    .slice(0, options.numReturnSequences)
    .map(({ tokenIds, score }) => ({ tokenIds, score }));
}

/** Log-probabilities in double precision, rounded to f32. */
export function logSoftmax(logits) {
  const max = logits.reduce((a, b) => Math.max(a, b));
  const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
  return Float32Array.from(logits, (logit) => logit - max - logSum);
}

/**
 * Changes a row of log-probabilities as transformers' processors do.
 *
 * @param {number[]} ids prompt and generated tokens
 * @param {number} nGenerated how many of `ids` are generated
 */
export function processRow(row, ids, nGenerated, options) {
  const { repetitionPenalty = 1, noRepeatNgramSize: n = 0, minNewTokens = 0, endTokenIds } = options;
  for (const id of new Set(ids))
    row[id] = row[id] < 0 ? row[id] * repetitionPenalty : row[id] / repetitionPenalty;
  if (n > 0) {
    const last = ids.slice(ids.length - n + 1).join();
    for (let i = 0; i + n <= ids.length; i++) {
      if (ids.slice(i, i + n - 1).join() === last) row[ids[i + n - 1]] = Number.NEGATIVE_INFINITY;
    }
  }
  if (nGenerated < minNewTokens) for (const id of endTokenIds) row[id] = Number.NEGATIVE_INFINITY;
}

/** The scores of candidates in contrastive search, in double precision. Vectors are arrays of rows. */
export function contrastiveScores({ penaltyAlpha, probabilities, context, candidateHidden }) {
  return candidateHidden.map((candidate, i) => {
    const similarity = Math.max(...context.map((state) => cosine(state, candidate)));
    return (1 - penaltyAlpha) * probabilities[i] - penaltyAlpha * similarity;
  });
}

function cosine(a, b) {
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(Array.from(a), b) / Math.sqrt(dot(Array.from(a), a) * dot(Array.from(b), b));
}
