// The residual streams of one row in a model that has several (AltUp: Baykal et al., 2023,
// arXiv:2301.13310).
#pragma once

#include <cstddef>

namespace sotto {

constexpr size_t kMostStreams = 16;

// streams[i] += sum over j of coefficients[i, j] * streams[j], all of them as they were before.
// streams: [n_streams] pointers to [columns]; coefficients: [n_streams, n_streams]. At most
// kMostStreams, any columns > 0, any alignment.
void predict_streams_f32_simd(float* const* streams, size_t n_streams, size_t columns,
                              const float* coefficients);

// streams[i] = p[i] + coefficients[i] * (streams[active] - predicted), where p[i] is streams[i],
// but `predicted` for the active one. predicted: [columns]; coefficients: [n_streams].
void correct_streams_f32_simd(float* const* streams, size_t n_streams, size_t active,
                              size_t columns, const float* predicted, const float* coefficients);

}  // namespace sotto
