#include "model/norms.h"

#include <algorithm>

#include "kernels/layer_norm_f32_simd.h"
#include "kernels/rms_norm_f32_simd.h"

namespace sotto {

void apply_norm(const Norm& norm, const NormWeights& weights, const float* x, size_t rows,
                size_t columns, float* y, size_t first_weight) {
  const auto from_first = [first_weight](const Table& table) {
    return table.data() == nullptr ? nullptr : table.data() + first_weight;
  };
  if (norm.type == Norm::Type::kLayer) {
    layer_norm_f32_simd(x, rows, columns, /*stride=*/columns, from_first(weights.weight),
                        from_first(weights.bias), norm.epsilon, y);
    return;
  }
  const float offset = norm.type == Norm::Type::kRmsPlusOne ? 1.0F : 0.0F;
  rms_norm_f32_simd(x, rows, columns, /*stride=*/columns, from_first(weights.weight), offset,
                    norm.epsilon, y);
}

void apply_norm(const std::optional<Norm>& norm, const NormWeights& weights, const float* x,
                size_t rows, size_t columns, float* y) {
  if (norm) {
    apply_norm(*norm, weights, x, rows, columns, y);
  } else if (x != y) {
    std::copy_n(x, rows * columns, y);
  }
}

}  // namespace sotto
