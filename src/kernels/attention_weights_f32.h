#pragma once

#include <cstddef>

namespace sotto {

// out[p] = softmax_p(scale * q . keys[p]): what one row and head attend to, for those who want to
// see it; attention itself never writes its weights down. q: [head_dim]; keys: [n, head_dim].
void attention_weights_f32(const float* q, const float* keys, size_t n, size_t head_dim,
                           float scale, float* out);

}  // namespace sotto
