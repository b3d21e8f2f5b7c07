// Norms of rows, by what a config says of them.
#pragma once

#include <cstddef>
#include <optional>

#include "model/weights.h"

namespace sotto {

// y = norm(x), of rows that stand one behind the other. x, y: [rows, columns], may be the same. The
// weights are those from `first_weight` on.
void apply_norm(const Norm& norm, const NormWeights& weights, const float* x, size_t rows,
                size_t columns, float* y, size_t first_weight = 0);

// y = x where there is none.
void apply_norm(const std::optional<Norm>& norm, const NormWeights& weights, const float* x,
                size_t rows, size_t columns, float* y);

}  // namespace sotto
