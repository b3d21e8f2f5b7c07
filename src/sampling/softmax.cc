#include "sampling/softmax.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.h"

namespace sotto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// exp is 0 below this, and 0 times it is 0 still, which 0 times minus infinity is not.
constexpr float kNoWeight = -88.0F;

// The last, partial vector, with entries that weigh nothing behind them.
v128_t load_rest(std::span<const float> rest) {
  float lanes[4] = {-kInfinity, -kInfinity, -kInfinity, -kInfinity};
  std::copy(rest.begin(), rest.end(), lanes);
  return wasm_v128_load(lanes);
}

// Calls see(i, logits i .. i + 3) for all of them, the last ones filled up by load_rest().
template <typename See>
void for_each_four(std::span<const float> logits, See see) {
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) see(i, wasm_v128_load(&logits[i]));
  if (i < logits.size()) see(i, load_rest(logits.subspan(i)));
}

// Four sums of f32 lanes in double precision.
class LaneSums {
 public:
  void add(v128_t x) {
    low_ = wasm_f64x2_add(low_, wasm_f64x2_promote_low_f32x4(x));
    high_ = wasm_f64x2_add(high_, wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(x, x, 1, 0)));
  }
  double total() const {
    const v128_t pairs = wasm_f64x2_add(low_, high_);
    return wasm_f64x2_extract_lane(pairs, 0) + wasm_f64x2_extract_lane(pairs, 1);
  }

 private:
  v128_t low_ = wasm_f64x2_const_splat(0);
  v128_t high_ = wasm_f64x2_const_splat(0);
};

}  // namespace

float largest_or_infinity(std::span<const float> logits) {
  const v128_t infinity = wasm_f32x4_splat(kInfinity);
  v128_t largest = wasm_f32x4_splat(-kInfinity);
  v128_t are_usable = wasm_i32x4_const_splat(-1);
  for_each_four(logits, [&](size_t, v128_t x) {
    are_usable = wasm_v128_and(are_usable, wasm_f32x4_lt(x, infinity));  // NaN compares as false
    largest = wasm_f32x4_pmax(largest, x);
  });
  if (!wasm_i32x4_all_true(are_usable)) return kInfinity;
  float lanes[4];
  wasm_v128_store(lanes, largest);
  return *std::max_element(lanes, lanes + 4);
}

double sum_of_exp(std::span<const float> logits, float max) {
  const v128_t maxima = wasm_f32x4_splat(max);
  LaneSums sums;
  for_each_four(logits, [&](size_t, v128_t x) { sums.add(exp_f32x4(wasm_f32x4_sub(x, maxima))); });
  return sums.total();
}

double log_sum_of_exp(std::span<const float> logits, float max) {
  return std::log(sum_of_exp(logits, max));
}

double Softmax::entropy() const { return std::log(total) - mean; }
double Softmax::logit_at(double log_probability) const {
  return max + (log_probability + std::log(total));
}

Softmax softmax(std::span<const float> logits) {
  const float max = largest_or_infinity(logits);
  const v128_t maxima = wasm_f32x4_splat(max);
  const v128_t no_weight = wasm_f32x4_splat(kNoWeight);
  LaneSums weights;
  LaneSums weighted;
  for_each_four(logits, [&](size_t, v128_t x) {
    const v128_t below = wasm_f32x4_sub(x, maxima);
    const v128_t weight = exp_f32x4(below);
    weights.add(weight);
    weighted.add(wasm_f32x4_mul(weight, wasm_f32x4_pmax(below, no_weight)));
  });
  const double total = weights.total();
  return {max, total, weighted.total() / total};
}

double softmax_weights(std::span<const float> logits, std::vector<float>& weights) {
  const v128_t maxima = wasm_f32x4_splat(largest_or_infinity(logits));
  const size_t padded = (logits.size() + 3) / 4 * 4;
  if (weights.size() < padded) weights.resize(padded);
  LaneSums sums;
  for_each_four(logits, [&](size_t i, v128_t x) {
    const v128_t weight = exp_f32x4(wasm_f32x4_sub(x, maxima));
    wasm_v128_store(&weights[i], weight);
    sums.add(weight);
  });
  return sums.total();
}

}  // namespace sotto
