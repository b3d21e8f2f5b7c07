#pragma once

#include <cstddef>

#include "kernels/attention.h"

namespace sotto {

// out[p] = softmax_p(score(q, keys[p])), as in attention.h, of a row at position n - 1, and 0 where
// `window` hides p: what one row and head attend to, for those who want to see it; attention itself
// never writes its weights down. q: [head_dim]; keys: [n, head_dim]; out: [n].
void attention_weights_f32(const AttentionShape& shape, size_t window, const float* q,
                           const float* keys, size_t n, float* out);

}  // namespace sotto
