// The kernels' formulas in double precision, one number at a time.

/** y = x / sqrt(mean(x^2) + epsilon) * factors, in each row of x: [rows, columns]; factors: [columns]. */
export function rmsNorm(x, rows, columns, factors, epsilon) {
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; ++row) {
    const values = x.subarray(row * columns, (row + 1) * columns);
    const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / columns;
    for (let i = 0; i < columns; ++i) {
      y[row * columns + i] = (values[i] / Math.sqrt(meanSquare + epsilon)) * factors[i];
    }
  }
  return y;
}

/** y = (x - mean) / sqrt(variance + epsilon) * weight + bias, in each row of x: [rows, columns]. */
export function layerNorm(x, rows, columns, weight, bias, epsilon) {
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; ++row) {
    const { mean, variance } = momentsOf(x.subarray(row * columns, (row + 1) * columns));
    for (let i = 0; i < columns; ++i) {
      const centered = x[row * columns + i] - mean;
      y[row * columns + i] = (centered / Math.sqrt(variance + epsilon)) * weight[i] + bias[i];
    }
  }
  return y;
}

/** Mean and biased variance of one row. */
export function momentsOf(row) {
  let sum = 0;
  for (const value of row) sum += value;
  const mean = sum / row.length;
  let squares = 0;
  for (const value of row) squares += (value - mean) ** 2;
  return { mean, variance: squares / row.length };
}

/**
 * gelu(v) = v / 2 (1 + tanh(u)), u = sqrt(2 / pi) (v + 0.044715 v^3). (1 + tanh(u)) / 2 is written as the logistic
 * function of 2u, which is the same number and does not cancel where tanh is close to -1.
 */
export function geluTanh(v) {
  const u = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
  return v / (1 + Math.exp(-2 * u));
}

/** 1 / (1 + exp(-x)) */
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * The normal distribution, (1 + erf(x / sqrt(2))) / 2, to about 15 digits: of |x| up to 3 by erf's Taylor series, beyond by
 * the continued fraction of its complement (Abramowitz, Stegun, 1964, 7.1.5 and 7.1.14).
 */
export function normalCdf(x) {
  const z = Math.abs(x) / Math.SQRT2;
  let complement; // of erf, at z
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 100; ++n) {
      term *= -(z * z) / n;
      sum += term / (2 * n + 1);
    }
    complement = 1 - (2 / Math.sqrt(Math.PI)) * sum;
  } else {
    let fraction = 0;
    for (let k = 100; k > 0; --k) fraction = k / 2 / (z + fraction);
    complement = Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction));
  }
  return x < 0 ? complement / 2 : 1 - complement / 2;
}

/** The value of a binary16 number; its NaNs are all alike here. */
export function valueOfF16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** cap * tanh(x / cap); x where cap is 0. */
export const softcap = (x, cap) => (cap === 0 ? x : cap * Math.tanh(x / cap));

/** The first position that a row at `position` sees through a window, 0 being none. */
export const firstVisible = (position, window) => (window === 0 ? 0 : Math.max(0, position + 1 - window));

/**
 * softmax(softcap(scale * q . k[p])) over the positions: what attention weighs the values by. q: [headDim], k[p]:
 * [headDim].
 */
export function attentionProbabilities(q, k, scale, cap = 0) {
  const scores = k.map((key) => {
    let dot = 0;
    for (let i = 0; i < q.length; ++i) dot += q[i] * key[i];
    return softcap(scale * dot, cap);
  });
  const max = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - max));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { scores, probabilities: weights.map((weight) => weight / total) };
}

/** sum over positions of probabilities[p] v[p]. v[p]: [headDim]. */
export function attentionOutput(probabilities, v) {
  const out = new Float64Array(v[0].length);
  probabilities.forEach((probability, position) => {
    for (let i = 0; i < out.length; ++i) out[i] += probability * v[position][i];
  });
  return out;
}

/**
 * y = x W^T, and the sum of the magnitudes that went into each element. x: [xRows, columns], w: [rows, columns];
 * y, magnitude: [xRows, rows].
 */
export function matrixProduct(x, xRows, w, rows, columns) {
  const y = new Float64Array(xRows * rows);
  const magnitude = new Float64Array(xRows * rows);
  for (let m = 0; m < xRows; ++m) {
    for (let n = 0; n < rows; ++n) {
      let sum = 0;
      let absolute = 0;
      for (let k = 0; k < columns; ++k) {
        const product = x[m * columns + k] * w[n * columns + k];
        sum += product;
        absolute += Math.abs(product);
      }
      y[m * rows + n] = sum;
      magnitude[m * rows + n] = absolute;
    }
  }
  return { y, magnitude };
}

/** [rows, columns] to [columns, rows]. */
export function transpose(w, rows, columns) {
  return Float32Array.from(w, (_, i) => w[(i % rows) * columns + Math.floor(i / rows)]);
}
