const SMALLEST_NORMAL = 2 ** -14;
const SMALLEST = 2 ** -24;
const INFINITY = 0x7c00;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of the nearest number of half precision, of two that are as near the even one. */
export function float16Bits(value: number): number {
  float[0] = value;
  const [all = 0] = bits;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = all & 0x7fff_ffff;
  if (Math.abs(value) < SMALLEST_NORMAL) return sign | roundedToEven(Math.abs(value) / SMALLEST);
  // The exponent counts from another number; 13 bits of the fraction go.
  const half = (magnitude - ((127 - 15) << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
  return sign | Math.min(half, INFINITY);
}

/** The number that such bits are, which have no sign. */
export function float16Value(half: number): number {
  const exponent = half >>> 10;
  const fraction = half & 0x3ff;
  return exponent === 0 ? fraction * SMALLEST : (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function roundedToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 ? rounded - (rounded % 2) : rounded;
}
