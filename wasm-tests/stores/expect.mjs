// What checks that run in Node and in browsers need of an assert library.

/** @throws Error unless the two are equal, as JSON or byte by byte */
export function expectEqual(actual, expected, what = 'they') {
  const areBytes = actual instanceof Uint8Array && expected instanceof Uint8Array;
  const isEqual = areBytes
    ? sameBytes(actual, expected)
    : JSON.stringify(actual) === JSON.stringify(expected);
  if (!isEqual) throw new Error(`${what}: got ${shown(actual)}, expected ${shown(expected)}`);
}

export function expectTrue(value, what) {
  if (value !== true) throw new Error(`${what}: got ${shown(value)}`);
}

/** @returns {Promise<Error>} what the promise rejects with. @throws where it does not, or with another name or code */
export async function expectError(promise, { name, code, message = /./ }) {
  const error = await promise.then(
    (value) => new Error(`it resolved to ${shown(value)}`),
    (reason) => reason,
  );
  const fits =
    error.name === name && (code === undefined || error.code === code) && message.test(error.message);
  if (!fits)
    throw new Error(`expected ${name} ${code ?? ''}, got ${error.name} ${error.code}: ${error.message}`);
  return error;
}

export function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function shown(value) {
  return value instanceof Uint8Array
    ? `${value.length} bytes (${value.slice(0, 8)}…)`
    : JSON.stringify(value);
}

/** Bytes that differ from one seed to the next. */
export function makeBytes(length, seed = 1) {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e37_79b1) >>> 24);
}

/** Whole numbers below a bound, the same for the same seed. */
export function makeRandom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
