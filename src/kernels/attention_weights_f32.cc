#include "kernels/attention_weights_f32.h"

#include <algorithm>

#include "base/math.h"

namespace sotto {

void attention_weights_f32(const float* q, const float* keys, size_t n, size_t head_dim,
                           float scale, float* out) {
  for (size_t p = 0; p < n; ++p) {
    float dot = 0;
    for (size_t i = 0; i < head_dim; ++i) dot += q[i] * keys[p * head_dim + i];
    out[p] = dot * scale;
  }
  const float max = *std::max_element(out, out + n);
  float sum = 0;
  for (size_t p = 0; p < n; ++p) {
    out[p] = exp_f32(out[p] - max);
    sum += out[p];
  }
  for (size_t p = 0; p < n; ++p) out[p] /= sum;
}

}  // namespace sotto
