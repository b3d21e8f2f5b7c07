// Elementary functions that give the same bits in every browser and on every CPU: f32 polynomials
// in a fixed order of strict (never relaxed) operations. libm's and JavaScript's own versions
// differ from one to the next.
#pragma once

#include <wasm_simd128.h>

namespace sotto {

// exp(x) in each lane, within 2 units in the last place. Below -87.33 the result is 0, above 88.72
// it is infinite, NaN stays NaN. Method: x = n ln 2 + r with |r| <= ln 2 / 2, then 2^n times a
// polynomial of degree 7 in r; the polynomial and the split of ln 2 are those of Cephes' expf (S.
// Moshier, Methods and Programs for Mathematical Functions, 1989).
inline v128_t exp_f32x4(v128_t x) {
  const v128_t lowest = wasm_f32x4_splat(-87.33654F);
  const v128_t highest = wasm_f32x4_splat(88.72283F);
  const v128_t clamped = wasm_f32x4_min(wasm_f32x4_max(x, lowest), highest);
  const v128_t n = wasm_f32x4_nearest(wasm_f32x4_mul(clamped, wasm_f32x4_splat(1.44269504F)));
  v128_t r = wasm_f32x4_sub(clamped, wasm_f32x4_mul(n, wasm_f32x4_splat(0.693359375F)));
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, wasm_f32x4_splat(-2.12194440e-4F)));

  v128_t p = wasm_f32x4_splat(1.9875691500e-4F);
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(1.3981999507e-3F));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(8.3334519073e-3F));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(4.1665795894e-2F));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(1.6666665459e-1F));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(5.0000001201e-1F));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, wasm_f32x4_mul(r, r)), r);
  p = wasm_f32x4_add(p, wasm_f32x4_splat(1.0F));

  // 2^n in two factors: n reaches 128, one more than a single exponent field can hold.
  const v128_t exponent = wasm_i32x4_trunc_sat_f32x4(n);
  const v128_t half = wasm_i32x4_shr(exponent, 1);
  const v128_t bias = wasm_i32x4_splat(127);
  const v128_t scale1 = wasm_i32x4_shl(wasm_i32x4_add(half, bias), 23);
  const v128_t scale2 = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_sub(exponent, half), bias), 23);
  const v128_t result = wasm_f32x4_mul(wasm_f32x4_mul(p, scale1), scale2);

  const v128_t is_too_large = wasm_f32x4_gt(x, highest);
  const v128_t capped =
      wasm_v128_bitselect(wasm_f32x4_splat(__builtin_inff()), result, is_too_large);
  return wasm_v128_andnot(capped, wasm_f32x4_lt(x, lowest));
}

// One value through the same operations, hence the same bits as a lane of exp_f32x4.
inline float exp_f32(float x) { return wasm_f32x4_extract_lane(exp_f32x4(wasm_f32x4_splat(x)), 0); }

}  // namespace sotto
