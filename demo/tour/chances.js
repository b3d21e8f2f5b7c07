// Chances of tokens: from a model's logits, and with the settings that choose among them.

/**
 * A token that may come next.
 *
 * @typedef {{ id: number, chance: number }} Candidate
 */

/** All tokens with their chances, the likeliest first. @param {ArrayLike<number>} logits @returns {Candidate[]} */
export function chancesOf(logits) {
  const sorted = Array.from(logits, (logit, id) => ({ id, logit })).sort((a, b) => b.logit - a.logit);
  return shared(sorted.map(({ id, logit }) => ({ id, weight: Math.exp(logit - sorted[0].logit) })));
}

/**
 * Those that are left with these settings, in the library's order: how daring, among how many, without the unlikely.
 *
 * @param {Candidate[]} candidates the likeliest first
 * @param {{ temperature: number, topK?: number, topP?: number }} settings
 * @returns {Candidate[]} with their new chances
 */
export function leftAfter(candidates, { temperature, topK = 0, topP = 1 }) {
  if (temperature === 0) return [{ ...candidates[0], chance: 1 }];
  const most = candidates[0].chance;
  const weighed = candidates.map(({ id, chance }) => ({ id, weight: (chance / most) ** (1 / temperature) }));
  const among = shared(topK === 0 ? weighed : weighed.slice(0, topK));
  let sum = 0;
  const end = among.findIndex(({ chance }) => {
    sum += chance;
    return sum >= topP;
  });
  const kept = topP === 1 || end < 0 ? among : among.slice(0, end + 1);
  return shared(kept.map(({ id, chance }) => ({ id, weight: chance })));
}

function shared(weighed) {
  const all = weighed.reduce((sum, { weight }) => sum + weight, 0);
  return weighed.map(({ id, weight }) => ({ id, chance: weight / all }));
}
