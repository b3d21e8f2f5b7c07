// Floats of a range, and how far off a function's results for them are.

function bitsOf(value) {
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}

/** Every `step`-th float between two floats of one sign, both ends included. */
export function floatsBetween(first, last, step) {
  const [begin, end] = [bitsOf(first), bitsOf(last)].sort((a, b) => a - b);
  const bits = Uint32Array.from({ length: Math.floor((end - begin) / step) + 2 }, (_, i) =>
    Math.min(begin + i * step, end),
  );
  return new Float32Array(bits.buffer);
}

/** The largest error of `results`, in units in the last place of the exact result that `reference` gives of an input. */
export function largestError(inputs, results, reference) {
  let worst = { error: 0, x: 0 };
  for (let i = 0; i < inputs.length; ++i) {
    const exact = reference(inputs[i]);
    const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(exact))), -126) - 23);
    const error = Math.abs(results[i] - exact) / unit;
    if (!(error <= worst.error)) worst = { error, x: inputs[i] };
  }
  return worst;
}
