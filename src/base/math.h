// Elementary functions that give the same bits in every browser and on every CPU: f32 polynomials
// in a fixed order of strict (never relaxed) operations. libm's and JavaScript's own versions
// differ from one to the next.
#pragma once

#include <wasm_simd128.h>

#include <cstdint>

namespace sotto {

// Constants of exp_f32x4, in memory: V8 makes a constant of the code anew, in three instructions,
// at each use inside a loop. The pointer is volatile so that the compiler cannot see them.
struct alignas(16) ExpConstants {
  float lowest[4];
  float highest[4];
  float log2_e[4];
  float ln2_high[4];
  float ln2_low[4];
  float p[6][4];  // of the polynomial, from the highest power down
  float one[4];
  float infinity[4];
  int32_t exponent_bias[4];
  float rounder[4];  // 1.5 * 2^23: see round_to_i32x4
};

#define SOTTO_SPLAT(x) {x, x, x, x}
inline constexpr ExpConstants kExpConstants = {
    .lowest = SOTTO_SPLAT(-87.33654F),
    .highest = SOTTO_SPLAT(88.72283F),
    .log2_e = SOTTO_SPLAT(1.44269504F),
    .ln2_high = SOTTO_SPLAT(0.693359375F),
    .ln2_low = SOTTO_SPLAT(-2.12194440e-4F),
    .p = {SOTTO_SPLAT(1.9875691500e-4F), SOTTO_SPLAT(1.3981999507e-3F),
          SOTTO_SPLAT(8.3334519073e-3F), SOTTO_SPLAT(4.1665795894e-2F),
          SOTTO_SPLAT(1.6666665459e-1F), SOTTO_SPLAT(5.0000001201e-1F)},
    .one = SOTTO_SPLAT(1.0F),
    .infinity = SOTTO_SPLAT(__builtin_inff()),
    .exponent_bias = SOTTO_SPLAT(127),
    .rounder = SOTTO_SPLAT(12582912.0F),
};
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): its initialiser is the address of a
// constant.
inline const ExpConstants* const volatile exp_constants = &kExpConstants;

// The nearest integers, halves to even, for |x| < 2^22, and something for all others: added to 1.5
// * 2^23, whose last place is 1, x leaves its integer in the sum's low bits. WebAssembly's own
// conversion takes ten instructions on x86.
inline v128_t round_to_i32x4(v128_t x) {
  const v128_t rounder = wasm_v128_load(exp_constants->rounder);
  return wasm_i32x4_sub(wasm_f32x4_add(x, rounder), rounder);
}

// exp(x) in each lane, within 2 units in the last place. Below -87.33 the result is 0, above 88.72
// it is infinite, NaN stays NaN. Method: x = n ln 2 + r with |r| <= ln 2 / 2, then 2^n times a
// polynomial of degree 7 in r; the polynomial and the split of ln 2 are those of Cephes' expf (S.
// Moshier, Methods and Programs for Mathematical Functions, 1989).
inline v128_t exp_f32x4(v128_t x) {
  const ExpConstants& c = *exp_constants;
  const v128_t lowest = wasm_v128_load(c.lowest);
  const v128_t highest = wasm_v128_load(c.highest);
  const v128_t one = wasm_v128_load(c.one);
  // pmax and pmin are one instruction each, and give their first operand when it is NaN.
  const v128_t clamped = wasm_f32x4_pmin(wasm_f32x4_pmax(x, lowest), highest);
  // As in round_to_i32x4, with the integer as f32 besides.
  const v128_t rounder = wasm_v128_load(c.rounder);
  const v128_t sum = wasm_f32x4_add(wasm_f32x4_mul(clamped, wasm_v128_load(c.log2_e)), rounder);
  const v128_t n = wasm_f32x4_sub(sum, rounder);
  v128_t r = wasm_f32x4_sub(clamped, wasm_f32x4_mul(n, wasm_v128_load(c.ln2_high)));
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, wasm_v128_load(c.ln2_low)));

  v128_t p = wasm_v128_load(c.p[0]);
#pragma clang loop unroll(full)
  for (int i = 1; i < 6; ++i) {
    p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_v128_load(c.p[i]));
  }
  p = wasm_f32x4_add(wasm_f32x4_mul(p, wasm_f32x4_mul(r, r)), r);
  p = wasm_f32x4_add(p, one);

  // 2^n in two factors: n reaches 128, one more than a single exponent field can hold.
  const v128_t exponent = wasm_i32x4_sub(sum, rounder);
  const v128_t half = wasm_i32x4_shr(exponent, 1);
  const v128_t bias = wasm_v128_load(c.exponent_bias);
  const v128_t scale1 = wasm_i32x4_shl(wasm_i32x4_add(half, bias), 23);
  const v128_t scale2 = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_sub(exponent, half), bias), 23);
  const v128_t result = wasm_f32x4_mul(wasm_f32x4_mul(p, scale1), scale2);

  const v128_t is_too_large = wasm_f32x4_gt(x, highest);
  const v128_t capped = wasm_v128_bitselect(wasm_v128_load(c.infinity), result, is_too_large);
  return wasm_v128_andnot(capped, wasm_f32x4_lt(x, lowest));
}

// One value through the same operations, hence the same bits as a lane of exp_f32x4.
inline float exp_f32(float x) { return wasm_f32x4_extract_lane(exp_f32x4(wasm_f32x4_splat(x)), 0); }

// 1 / (1 + exp(-x)), within 3 units in the last place.
inline v128_t sigmoid_f32x4(v128_t x) {
  const v128_t one = wasm_v128_load(exp_constants->one);
  return wasm_f32x4_div(one, wasm_f32x4_add(exp_f32x4(wasm_f32x4_neg(x)), one));
}

// One value through the same operations.
inline float sigmoid_f32(float x) {
  return wasm_f32x4_extract_lane(sigmoid_f32x4(wasm_f32x4_splat(x)), 0);
}

struct alignas(16) SoftplusConstants {
  float p[7][4];  // 1 / 15, 1 / 13 .. 1 / 3
  float two[4];
};
inline constexpr SoftplusConstants kSoftplusConstants = {
    .p = {SOTTO_SPLAT(1.0F / 15), SOTTO_SPLAT(1.0F / 13), SOTTO_SPLAT(1.0F / 11),
          SOTTO_SPLAT(1.0F / 9), SOTTO_SPLAT(1.0F / 7), SOTTO_SPLAT(1.0F / 5),
          SOTTO_SPLAT(1.0F / 3)},
    .two = SOTTO_SPLAT(2.0F),
};
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): as above.
inline const SoftplusConstants* const volatile softplus_constants = &kSoftplusConstants;

// log(1 + exp(x)), within 4 units in the last place, 0 below -87.33. Method: max(x, 0) + log(1 + t)
// for t = exp(-|x|), and log(1 + t) = 2 artanh(s), s = t / (2 + t) <= 1/3, by its series.
inline v128_t softplus_f32x4(v128_t x) {
  const SoftplusConstants& c = *softplus_constants;
  const v128_t one = wasm_v128_load(exp_constants->one);
  const v128_t two = wasm_v128_load(c.two);
  const v128_t t = exp_f32x4(wasm_f32x4_neg(wasm_f32x4_abs(x)));
  const v128_t s = wasm_f32x4_div(t, wasm_f32x4_add(t, two));
  const v128_t square = wasm_f32x4_mul(s, s);
  v128_t p = wasm_v128_load(c.p[0]);
#pragma clang loop unroll(full)
  for (int i = 1; i < 7; ++i) {
    p = wasm_f32x4_add(wasm_f32x4_mul(p, square), wasm_v128_load(c.p[i]));
  }
  const v128_t series = wasm_f32x4_add(wasm_f32x4_mul(p, square), one);
  const v128_t small = wasm_f32x4_mul(wasm_f32x4_mul(s, two), series);
  return wasm_f32x4_add(wasm_f32x4_pmax(x, wasm_f32x4_const_splat(0)), small);
}

// One value through the same operations.
inline float softplus_f32(float x) {
  return wasm_f32x4_extract_lane(softplus_f32x4(wasm_f32x4_splat(x)), 0);
}

struct alignas(16) TanhConstants {
  float p[5][4];  // of the polynomial, from the highest power down
  float most_small[4];
  float minus_two[4];
};
inline constexpr TanhConstants kTanhConstants = {
    .p = {SOTTO_SPLAT(-6.096941558e-3F), SOTTO_SPLAT(2.099735755e-2F),
          SOTTO_SPLAT(-5.385095348e-2F), SOTTO_SPLAT(1.333277008e-1F),
          SOTTO_SPLAT(-3.333332895e-1F)},
    .most_small = SOTTO_SPLAT(0.625F),
    .minus_two = SOTTO_SPLAT(-2.0F),
};
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): as above.
inline const TanhConstants* const volatile tanh_constants = &kTanhConstants;

// tanh(x), within 2 units in the last place, of tiny x too. Method, for |x|: up to 0.625 x + x^3
// p(x^2), the polynomial being the one of least largest error; beyond it 1 - 2 / (exp(2x) + 1).
inline v128_t tanh_f32x4(v128_t x) {
  const TanhConstants& c = *tanh_constants;
  const v128_t one = wasm_v128_load(exp_constants->one);
  const v128_t magnitude = wasm_f32x4_abs(x);
  const v128_t square = wasm_f32x4_mul(x, x);
  v128_t p = wasm_v128_load(c.p[0]);
#pragma clang loop unroll(full)
  for (int i = 1; i < 5; ++i) {
    p = wasm_f32x4_add(wasm_f32x4_mul(p, square), wasm_v128_load(c.p[i]));
  }
  const v128_t small =
      wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_mul(p, square), magnitude), magnitude);
  const v128_t denominator = wasm_f32x4_add(exp_f32x4(wasm_f32x4_add(magnitude, magnitude)), one);
  const v128_t large =
      wasm_f32x4_add(wasm_f32x4_div(wasm_v128_load(c.minus_two), denominator), one);
  const v128_t is_small = wasm_f32x4_lt(magnitude, wasm_v128_load(c.most_small));
  const v128_t sign = wasm_v128_xor(x, magnitude);
  return wasm_v128_or(wasm_v128_bitselect(small, large, is_small), sign);
}

// cap * tanh(x / cap): about x where |x| is small beside cap, and never beyond cap.
inline v128_t softcap_f32x4(v128_t x, v128_t cap) {
  return wasm_f32x4_mul(tanh_f32x4(wasm_f32x4_div(x, cap)), cap);
}

struct alignas(16) NormalCdfConstants {
  float p[9][4];  // of the polynomial, from the highest power down
  float most[4];
  float slope[4];
  float minus_half[4];
  int32_t upper_bits[4];
};
inline constexpr NormalCdfConstants kNormalCdfConstants = {
    .p = {SOTTO_SPLAT(3.837818476e-2F), SOTTO_SPLAT(-1.691655960e-1F), SOTTO_SPLAT(2.286590239e-1F),
          SOTTO_SPLAT(-7.650533802e-2F), SOTTO_SPLAT(1.425347880e-1F), SOTTO_SPLAT(9.468381626e-2F),
          SOTTO_SPLAT(1.219202794e-1F), SOTTO_SPLAT(1.194877022e-1F), SOTTO_SPLAT(7.168432394e-6F)},
    .most = SOTTO_SPLAT(14.0F),
    .slope = SOTTO_SPLAT(0.3F),
    .minus_half = SOTTO_SPLAT(-0.5F),
    .upper_bits = SOTTO_SPLAT(-4096),
};
#undef SOTTO_SPLAT
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): as above.
inline const NormalCdfConstants* const volatile normal_cdf_constants = &kNormalCdfConstants;

// (1 + erf(x / sqrt(2))) / 2, within 8 units in the last place, 0 below -13.2. Method: for t = |x|
// the tail beyond t is exp(-t^2 / 2) p(1 / (1 + 0.3 t)), a form of C. Hastings (Approximations for
// Digital Computers, 1955) with the polynomial of degree 8 of least largest relative error up to
// 14. exp makes a rounding of its argument a relative error of the same size, up to 2^-17 here: the
// rounding of t^2 is computed, by T. Dekker's product (1971), and makes up for it.
inline v128_t normal_cdf_f32x4(v128_t x) {
  const NormalCdfConstants& c = *normal_cdf_constants;
  const v128_t one = wasm_v128_load(exp_constants->one);
  const v128_t minus_half = wasm_v128_load(c.minus_half);
  const v128_t t = wasm_f32x4_pmin(wasm_f32x4_abs(x), wasm_v128_load(c.most));
  const v128_t u =
      wasm_f32x4_div(one, wasm_f32x4_add(wasm_f32x4_mul(t, wasm_v128_load(c.slope)), one));
  v128_t p = wasm_v128_load(c.p[0]);
#pragma clang loop unroll(full)
  for (int i = 1; i < 9; ++i) {
    p = wasm_f32x4_add(wasm_f32x4_mul(p, u), wasm_v128_load(c.p[i]));
  }

  const v128_t square = wasm_f32x4_mul(t, t);
  const v128_t high = wasm_v128_and(t, wasm_v128_load(c.upper_bits));
  const v128_t low = wasm_f32x4_sub(t, high);
  const v128_t rounding = wasm_f32x4_add(wasm_f32x4_sub(wasm_f32x4_mul(high, high), square),
                                         wasm_f32x4_mul(low, wasm_f32x4_add(t, high)));
  const v128_t density = exp_f32x4(wasm_f32x4_mul(square, minus_half));
  const v128_t correction = wasm_f32x4_add(wasm_f32x4_mul(rounding, minus_half), one);
  const v128_t tail = wasm_f32x4_mul(wasm_f32x4_mul(p, density), correction);
  return wasm_v128_bitselect(tail, wasm_f32x4_sub(one, tail), wasm_i32x4_shr(x, 31));
}

}  // namespace sotto
