// The activation functions, four values at a time. All are within a few units in the last place of
// their formula; where that says -inf times 0 or -inf / inf, the result is NaN.
#pragma once

#include <wasm_simd128.h>

#include "base/math.h"
#include "kernels/activation.h"

namespace sotto {

// In memory for the reason that those of exp_f32x4 are (base/math.h).
struct alignas(16) ActivationConstants {
  float cubic[4];
  float minus_2_sqrt_2_over_pi[4];
  float minus_1_702[4];
};
inline constexpr ActivationConstants kActivationConstants = {
    .cubic = {0.044715F, 0.044715F, 0.044715F, 0.044715F},
    .minus_2_sqrt_2_over_pi = {-1.5957691216F, -1.5957691216F, -1.5957691216F, -1.5957691216F},
    .minus_1_702 = {-1.702F, -1.702F, -1.702F, -1.702F},
};
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): see exp_constants.
inline const ActivationConstants* const volatile activation_constants = &kActivationConstants;

// v / (1 + exp(t)): v times the logistic function of -t.
inline v128_t logistic_product(v128_t v, v128_t t) {
  return wasm_f32x4_div(v, wasm_f32x4_add(exp_f32x4(t), wasm_v128_load(exp_constants->one)));
}

// The tanh form of GELU (Hendrycks, Gimpel, 2016, arXiv:1606.08415): v / 2 (1 + tanh(u)), u =
// sqrt(2 / pi) (v + 0.044715 v^3). (1 + tanh(u)) / 2 is the logistic function of 2u: one
// exponential, one division.
inline v128_t gelu_tanh_f32x4(v128_t v) {
  const ActivationConstants& c = *activation_constants;
  const v128_t square = wasm_f32x4_mul(v, v);
  const v128_t cubic = wasm_f32x4_add(wasm_f32x4_mul(square, wasm_v128_load(c.cubic)),
                                      wasm_v128_load(exp_constants->one));
  return logistic_product(
      v, wasm_f32x4_mul(wasm_f32x4_mul(v, cubic), wasm_v128_load(c.minus_2_sqrt_2_over_pi)));
}

// GELU itself: v / 2 (1 + erf(v / sqrt(2))), v times the normal distribution.
inline v128_t gelu_f32x4(v128_t v) { return wasm_f32x4_mul(v, normal_cdf_f32x4(v)); }

// v / (1 + exp(-v)) (Elfwing, Uchibe, Doya, 2017, arXiv:1702.03118).
inline v128_t silu_f32x4(v128_t v) { return logistic_product(v, wasm_f32x4_neg(v)); }

// v where v > 0, else 0.
inline v128_t relu_f32x4(v128_t v) { return wasm_f32x4_pmax(v, wasm_f32x4_const_splat(0)); }

// relu(v)^2 (So et al., 2021, arXiv:2109.08668).
inline v128_t relu2_f32x4(v128_t v) {
  const v128_t positive = relu_f32x4(v);
  return wasm_f32x4_mul(positive, positive);
}

// v / (1 + exp(-1.702 v)) (Hendrycks, Gimpel, 2016).
inline v128_t quick_gelu_f32x4(v128_t v) {
  return logistic_product(v, wasm_f32x4_mul(v, wasm_v128_load(activation_constants->minus_1_702)));
}

// The same operations for one value, hence the same bits. Not inlined: a row's last few values are
// not worth another copy of each function in each loop.
template <v128_t (*kFunction)(v128_t)>
[[gnu::noinline]] float activate_one(float v) {
  return wasm_f32x4_extract_lane(kFunction(wasm_f32x4_splat(v)), 0);
}

}  // namespace sotto
