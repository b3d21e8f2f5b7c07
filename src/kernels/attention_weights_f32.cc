#include "kernels/attention_weights_f32.h"

#include <algorithm>

#include "base/math.h"
#include "kernels/softcap_f32_simd.h"

namespace sotto {

void attention_weights_f32(const AttentionShape& shape, size_t window, const float* q,
                           const float* keys, size_t n, float* out) {
  const size_t first = first_visible(n - 1, window);
  std::fill_n(out, first, 0.0F);
  for (size_t p = first; p < n; ++p) {
    float dot = 0;
    for (size_t i = 0; i < shape.head_dim; ++i) dot += q[i] * keys[p * shape.head_dim + i];
    out[p] = dot * shape.scale;
  }
  if (shape.softcap != 0) softcap_f32_simd(out + first, n - first, shape.softcap);
  const float max = *std::max_element(out + first, out + n);
  float sum = 0;
  for (size_t p = first; p < n; ++p) {
    out[p] = exp_f32(out[p] - max);
    sum += out[p];
  }
  for (size_t p = first; p < n; ++p) out[p] /= sum;
}

}  // namespace sotto
