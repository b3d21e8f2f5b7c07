/**
 * (module (func (export "d") (param i64 i64) (result i64)
 *   (i64x2.extract_lane 0
 *     (i16x8.relaxed_dot_i8x16_i7x16_s (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1))))))
 */
// biome-ignore format: in lines of what belongs together
const MODULE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
  0x01, 0x07, 0x01, 0x60, 0x02, 0x7e, 0x7e, 0x01, 0x7e, // type
  0x03, 0x02, 0x01, 0x00, // function
  0x07, 0x05, 0x01, 0x01, 0x64, 0x00, 0x00, // export
  0x0a, 0x12, 0x01, 0x10, 0x00, // code
  0x20, 0x00, 0xfd, 0x12, 0x20, 0x01, 0xfd, 0x12, // two splats
  0xfd, 0x92, 0x02, 0xfd, 0x1d, 0x00, 0x0b, // dot, extract, end
);

const LEFT = [-128, -127, -1, 0, 1, 126, 127];
const RIGHT = [0, 1, 63, 64, 126, 127]; // seven bits, as the kernels keep to

/**
 * Whether the runtime's relaxed dot product gives the exact sums for all that our kernels feed it. The specification
 * leaves it open what an operand with its eighth bit set means, and what happens beyond 16 bits; neither occurs here.
 */
export async function isRelaxedDotExact(): Promise<boolean> {
  const { instance } = await WebAssembly.instantiate(MODULE);
  const dot = instance.exports['d'] as (left: bigint, right: bigint) => bigint;
  for (const first of LEFT) {
    for (const second of LEFT) {
      for (const right of RIGHT) {
        const other = RIGHT[(RIGHT.indexOf(right) + LEFT.indexOf(second)) % RIGHT.length] as number;
        const sums = new Int16Array(
          BigInt64Array.of(dot(pack([first, second]), pack([right, other]))).buffer,
        );
        const exact = first * right + second * other;
        if (!sums.every((sum) => sum === exact)) return false;
      }
    }
  }
  return true;
}

/** Bytes, over and over, in 64 bits. */
function pack(bytes: readonly number[]): bigint {
  const eight = Int8Array.from({ length: 8 }, (_, i) => bytes[i % bytes.length] as number);
  return new BigInt64Array(eight.buffer)[0] as bigint;
}
