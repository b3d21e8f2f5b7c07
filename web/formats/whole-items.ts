/**
 * Joins what chunks cut apart, as they come: items of so many bytes.
 *
 * @param chunks In chunks that end anywhere.
 * @returns Chunks of whole items; what is left at the end is none.
 */
export async function* wholeItems(
  chunks: AsyncIterable<Uint8Array>,
  itemBytes: number,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0); // of an item that the next chunk completes
  for await (const chunk of chunks) {
    const bytes = rest.byteLength === 0 ? chunk : joined(rest, chunk);
    const end = bytes.byteLength - (bytes.byteLength % itemBytes);
    if (end > 0) yield bytes.subarray(0, end);
    rest = bytes.slice(end);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.byteLength + second.byteLength);
  bytes.set(first);
  bytes.set(second, first.byteLength);
  return bytes;
}
