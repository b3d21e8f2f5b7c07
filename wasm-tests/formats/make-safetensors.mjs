/** The bytes of a safetensors file with any header, right or wrong, and any data behind it. */
export function makeFile(header, data = new Uint8Array(0)) {
  const json = header instanceof Uint8Array ? header : new TextEncoder().encode(headerText(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

function headerText(header) {
  return typeof header === 'string' ? header : JSON.stringify(header);
}

/** Data in which every byte tells its place. */
export function makeData(length) {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + 3) & 0xff);
}

/** A file as sources give it, in chunks of the given sizes (the last one repeats). */
export function fileOf(
  bytes,
  { name = 'model.safetensors', size = bytes.length, chunkSizes = [1 << 20] } = {},
) {
  const file = {
    name,
    size,
    isReleased: false,
    async *stream() {
      try {
        for (let begin = 0, i = 0; begin < bytes.length; i++) {
          const end = begin + chunkSizes[Math.min(i, chunkSizes.length - 1)];
          yield bytes.subarray(begin, end);
          begin = end;
        }
      } finally {
        file.isReleased = true;
      }
    },
  };
  return file;
}

/** A small generator of integers with a fixed seed (Numerical Recipes' constants). */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
