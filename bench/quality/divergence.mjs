// How far a model's predictions are from another's, in double precision.

/**
 * Log-probabilities of every position of a window.
 *
 * @param {{ model: import('sotto/engine').EngineModel, maxChunk: number }} loaded
 * @returns {Float64Array[]} one of [vocabSize] per token
 */
function logProbabilities({ model, maxChunk }, ids) {
  const { vocabSize } = model.config;
  const session = model.createSession();
  const rows = [];
  for (let begin = 0; begin < ids.length; begin += maxChunk) {
    session.append(ids.slice(begin, begin + maxChunk), { allLogits: true });
    const logits = session.logits();
    for (let at = 0; at < logits.length; at += vocabSize) {
      rows.push(logSoftmax(logits.subarray(at, at + vocabSize)));
    }
  }
  session.dispose();
  return rows;
}

function logSoftmax(logits) {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const shift = most + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - shift);
}

const indexOfLargest = (values) => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
};

/** KL(p || q) in nats, of log-probabilities. */
function klDivergence(p, q) {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.exp(p[i]) * (p[i] - q[i]);
  return sum;
}

/** Sums over predictions, of one model against the reference. */
class Comparison {
  #count = 0;
  #loss = 0; // nats
  #lossChange = 0; // nats above the reference
  #lossChangeSquared = 0;
  #kl = 0;
  #equalTop = 0;

  /** Takes one prediction: both models' log-probabilities, and the token that came. */
  add(reference, logProbs, next) {
    const change = reference[next] - logProbs[next];
    this.#count += 1;
    this.#loss -= logProbs[next];
    this.#lossChange += change;
    this.#lossChangeSquared += change * change;
    this.#kl += klDivergence(reference, logProbs);
    this.#equalTop += Number(indexOfLargest(reference) === indexOfLargest(logProbs));
  }

  /**
   * `perplexityChange` is relative to the reference, and `changeError` its standard error over the predictions, taken as
   * independent; `meanKl` in nats.
   */
  result() {
    const n = this.#count;
    const change = this.#lossChange / n;
    const variance = Math.max(0, this.#lossChangeSquared / n - change * change);
    return {
      predictions: n,
      perplexity: Math.exp(this.#loss / n),
      perplexityChange: Math.expm1(change),
      changeError: Math.exp(change) * Math.sqrt(variance / n),
      meanKl: this.#kl / n,
      equalTop: this.#equalTop / n,
    };
  }
}

/**
 * Compares models with a reference over the predictions within windows: of every token but a window's first.
 *
 * @template {string} Name
 * @param reference a loaded model, as `createEngineModel` gives it
 * @param {Record<Name, object>} models loaded ones
 * @returns {Record<Name, ReturnType<Comparison['result']>>}
 */
export function compareWithReference(reference, models, windows) {
  const entries = Object.entries(models).map(([name, model]) => [name, model, new Comparison()]);
  for (const ids of windows) {
    const expected = logProbabilities(reference, ids);
    for (const [, model, comparison] of entries) {
      const rows = logProbabilities(model, ids);
      for (let i = 1; i < ids.length; i++) comparison.add(expected[i - 1], rows[i - 1], ids[i]);
    }
  }
  return Object.fromEntries(entries.map(([name, , comparison]) => [name, comparison.result()]));
}
