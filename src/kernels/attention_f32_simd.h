#pragma once

#include "kernels/attention.h"

namespace sotto {

// Keys and values in f32, of a head in a page both [kPagePositions, head_dim].
void attention_f32_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                        const AttentionRows& rows);

}  // namespace sotto
