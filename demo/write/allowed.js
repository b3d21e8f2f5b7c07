// Which of the likeliest tokens the settings let through, as far as a few of them tell. What is not known is not claimed:
// the others' share is only known to lie between two bounds.

/** Options of the model's own that change the choice besides temperature, top-k and top-p, and the value that is off. */
const OTHERS = {
  minP: 0,
  typicalP: 1,
  epsilonCutoff: 0,
  etaCutoff: 0,
  repetitionPenalty: 1,
  noRepeatNgramSize: 0,
  minNewTokens: 0,
};
const LISTS = ['logitBias', 'badWords', 'forcedTokens', 'suppressTokens', 'beginSuppressTokens'];

/** Whether nothing but temperature, top-k and top-p decides. */
export function decidesAlone(defaults) {
  return (
    Object.entries(OTHERS).every(([name, off]) => (defaults[name] ?? off) === off) &&
    LISTS.every((name) => Object.keys(defaults[name] ?? {}).length === 0)
  );
}

/**
 * @param {{ logprob: number }[]} likeliest the most likely tokens before any setting, most likely first
 * @param {{ temperature: number, topK?: number, topP?: number }} settings
 * @param {number} vocabSize
 * @returns {(boolean | null)[]} of each whether it could have been chosen; null: these numbers do not tell
 */
export function allowedOf(likeliest, { temperature, topK = 0, topP = 1 }, vocabSize) {
  if (temperature === 0) return likeliest.map((_, index) => index === 0);
  const nKept = topK === 0 ? vocabSize : Math.min(topK, vocabSize);
  const lastKept = likeliest[nKept - 1]?.logprob ?? Number.NEGATIVE_INFINITY;
  const weights = likeliest
    .filter(({ logprob }) => logprob >= lastKept) // ties stay
    .map(({ logprob }) => Math.exp(logprob / temperature));
  const known = weights.reduce((sum, weight) => sum + weight, 0);
  const [least, most] = restOf(likeliest, temperature, nKept - weights.length, vocabSize).map(
    (rest) => known + rest,
  );
  let before = 0;
  return likeliest.map((_, index) => {
    if (index >= weights.length) return false;
    const [atLeast, atMost] = [before / most, before / least];
    before += weights[index];
    if (index === 0 || topP >= 1 || atMost < topP - MARGIN) return true;
    return atLeast > topP + MARGIN ? false : null;
  });
}

/** For what rounding may do in the engine. */
const MARGIN = 1e-4;

/** The least and the most that the weights of `n` further tokens come to, none of them likelier than the last one known. */
function restOf(likeliest, temperature, n, vocabSize) {
  if (n <= 0) return [0, 0];
  const share = Math.max(0, 1 - likeliest.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0));
  const largest = Math.exp(likeliest.at(-1).logprob);
  const power = 1 / temperature;
  const even = n * Math.min(share / n, largest) ** power;
  const nFull = Math.min(n, Math.floor(share / largest));
  const left = Math.max(0, Math.min(largest, share - nFull * largest));
  const heaped = nFull * largest ** power + (nFull < n ? left ** power : 0);
  // Only where none is cut off is it known that they have the whole share.
  const isWhole = n >= vocabSize - likeliest.length;
  return [isWhole ? Math.min(even, heaped) : 0, Math.max(even, heaped)];
}
