// What is left of gates that only count where they stand out (Gemma 3n).
#pragma once

#include <cstddef>

namespace sotto {

// x[i] = max(x[i] - (mean + deviations * standard deviation), 0) for i < n, both of x, the latter
// of all n. Any n > 0, any alignment.
void cut_off_f32_simd(float* x, size_t n, float deviations);

}  // namespace sotto
