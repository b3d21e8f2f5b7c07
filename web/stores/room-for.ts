/** So many bytes of what is given, or new ones where they do not fit. */
export function roomFor(size: number, into?: Uint8Array): Uint8Array {
  return into !== undefined && into.byteLength >= size ? into.subarray(0, size) : new Uint8Array(size);
}
