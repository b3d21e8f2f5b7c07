// What the kernel tests feed in: the same numbers on every run.

/** Every count below two vectors and its neighbours, sizes one off a tile, and a model's. */
export const COLUMNS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 60, 63, 768];

/** Numbers of rows; the matrix kernels work in tiles of up to five. */
export const ROWS = [1, 2, 3, 5, 8];

/** Uniform in [0, 1), by a xorshift generator (G. Marsaglia, Xorshift RNGs, 2003). */
export function uniformRandom(seed) {
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** `length` floats, about normal with the given standard deviation around `mean`. */
export function normalFloats(seed, length, deviation = 1, mean = 0) {
  const uniform = uniformRandom(seed);
  // Four uniform numbers have the mean 2 and the variance 1/3.
  const normal = () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
  return Float32Array.from({ length }, () => mean + deviation * normal());
}
