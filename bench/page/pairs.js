// Figures that are compared are measured by turns, so that what else the machine does meets all of them.

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Runs each way once in each round, forwards and backwards by turns, after one round that does not count.
 *
 * @param {Record<string, (round: number) => Promise<number>>} ways what is measured, by name: the first one is the measure of the others
 * @returns {Promise<Record<string, { value: number, ratio: number }>>} medians over the rounds: of the values, and of their
 *   ratios to the first one's value in the same round
 */
export async function takeTurns(rounds, ways) {
  const names = Object.keys(ways);
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await ways[name](round);
      if (round >= 0) values[name].push(value);
    }
  }
  const [first] = names;
  const ratio = (name) => median(values[name].map((value, round) => value / values[first][round]));
  return Object.fromEntries(names.map((name) => [name, { value: median(values[name]), ratio: ratio(name) }]));
}
