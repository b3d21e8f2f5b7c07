/**
 * The number that a standard normal variable stays below with this probability, to 7 digits or more.
 *
 * Newton's steps from 0 to where Φ(x) is the probability; they never go beyond it, as Φ bends towards the axis. Divided by
 * the density φ, Φ(x) - 1/2 is the series x + x³/3 + x⁵/(3·5) + .. (Marsaglia, 2004, "Evaluating the Normal Distribution").
 *
 * @param probability From 1e-9 to 1 - 1e-9.
 */
export function normalQuantile(probability: number): number {
  const above = Math.abs(probability - 0.5);
  let x = 0;
  for (let last = -1; x > last; ) {
    last = x;
    x += above * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2) - series(x);
  }
  return probability < 0.5 ? -x : x;
}

function series(x: number): number {
  let [sum, term] = [0, x];
  for (let odd = 3; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (x * x) / odd;
  }
  return sum;
}
