#include "kernels/rope_row.h"

#include "base/trig.h"

namespace sotto {

void rope_row(const double* frequencies, size_t n_pairs, size_t position, float attention_factor,
              float* cos, float* sin) {
  for (size_t i = 0; i < n_pairs; ++i) {
    const SinCos of_angle = sin_cos(static_cast<double>(position) * frequencies[i]);
    cos[i] = static_cast<float>(of_angle.cos * attention_factor);
    sin[i] = static_cast<float>(of_angle.sin * attention_factor);
  }
}

}  // namespace sotto
