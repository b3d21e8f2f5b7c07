// A row of parameters that a model may lack: the loops over it are then the same, and read over and
// over four values that change nothing.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>

namespace sotto {

class OptionalRow {
 public:
  // x + bias is x where there is no bias: -0 is what leaves -0 as it is.
  static OptionalRow bias(const float* values) { return {values, kMinusZeros}; }
  // x * weight is x where there is no weight.
  static OptionalRow weight(const float* values) { return {values, kOnes}; }

  v128_t four(size_t i) const { return wasm_v128_load(values_ + (i & mask_)); }
  float one(size_t i) const { return values_[i & mask_]; }

 private:
  alignas(16) static constexpr float kMinusZeros[4] = {-0.0F, -0.0F, -0.0F, -0.0F};
  alignas(16) static constexpr float kOnes[4] = {1, 1, 1, 1};

  OptionalRow(const float* values, const float* neutral)
      : values_(values == nullptr ? neutral : values), mask_(values == nullptr ? 0 : ~size_t{0}) {}

  const float* values_;
  size_t mask_;
};

}  // namespace sotto
