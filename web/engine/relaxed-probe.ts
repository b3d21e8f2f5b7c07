import type { DotForm } from '../options/engine-options.js';

/**
 * (module
 *   (func (export "pairs") (param i64 i64 i32) (result i64)
 *     (i64x2.extract_lane 0
 *       (i16x8.relaxed_dot_i8x16_i7x16_s (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1)))))
 *   (func (export "quads") (param i64 i64 i32) (result i64)
 *     (i64x2.extract_lane 0
 *       (i32x4.relaxed_dot_i8x16_i7x16_add_s (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1))
 *         (i32x4.splat (local.get 2))))))
 */
// biome-ignore format: in lines of what belongs together
const MODULE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
  0x01, 0x08, 0x01, 0x60, 0x03, 0x7e, 0x7e, 0x7f, 0x01, 0x7e, // type
  0x03, 0x03, 0x02, 0x00, 0x00, // functions
  0x07, 0x11, 0x02, // exports
  0x05, 0x70, 0x61, 0x69, 0x72, 0x73, 0x00, 0x00, // pairs
  0x05, 0x71, 0x75, 0x61, 0x64, 0x73, 0x00, 0x01, // quads
  0x0a, 0x27, 0x02, 0x10, 0x00, // code, pairs
  0x20, 0x00, 0xfd, 0x12, 0x20, 0x01, 0xfd, 0x12, // two splats
  0xfd, 0x92, 0x02, 0xfd, 0x1d, 0x00, 0x0b, // dot, extract, end
  0x14, 0x00, // quads
  0x20, 0x00, 0xfd, 0x12, 0x20, 0x01, 0xfd, 0x12, 0x20, 0x02, 0xfd, 0x11, // three splats
  0xfd, 0x93, 0x02, 0xfd, 0x1d, 0x00, 0x0b, // dot, extract, end
);

const LEFT = [-128, -127, -1, 0, 1, 126, 127];
const RIGHT = [0, 1, 63, 64, 126, 127]; // seven bits, as the kernels keep to
const SUM = 1_000_003; // what the form quads adds to

type Dot = (left: bigint, right: bigint, sum: number) => bigint;

/**
 * The forms of the runtime's relaxed dot product that give the exact sums for all that our kernels feed them. The
 * specification leaves it open what an operand with its eighth bit set means, and what happens beyond 16 bits; neither
 * occurs here. But runtimes have bugs: Node 20 loses `SUM`.
 */
export async function exactDotForms(): Promise<DotForm[]> {
  const { instance } = await WebAssembly.instantiate(MODULE);
  const { pairs, quads } = instance.exports as Record<DotForm, Dot>;
  const isExact: Record<DotForm, boolean> = { pairs: true, quads: true };
  for (const first of LEFT) {
    for (const second of LEFT) {
      for (const right of RIGHT) {
        const other = RIGHT[(RIGHT.indexOf(right) + LEFT.indexOf(second)) % RIGHT.length] as number;
        const run = (dot: Dot) =>
          BigInt64Array.of(dot(pack([first, second]), pack([right, other]), SUM)).buffer;
        const exact = first * right + second * other;
        isExact.pairs &&= new Int16Array(run(pairs)).every((sum) => sum === exact);
        isExact.quads &&= new Int32Array(run(quads)).every((sum) => sum === SUM + 2 * exact);
      }
    }
  }
  return (['pairs', 'quads'] as const).filter((form) => isExact[form]);
}

/** Bytes, over and over, in 64 bits. */
function pack(bytes: readonly number[]): bigint {
  const eight = Int8Array.from({ length: 8 }, (_, i) => bytes[i % bytes.length] as number);
  return new BigInt64Array(eight.buffer)[0] as bigint;
}
