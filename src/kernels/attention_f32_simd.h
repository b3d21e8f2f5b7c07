#pragma once

#include "kernels/attention.h"

namespace sotto {

// Keys and values in f32, both [n_kv_heads, kPagePositions, head_dim] within a page.
void attention_f32_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                        const AttentionRows& rows, size_t head);

}  // namespace sotto
