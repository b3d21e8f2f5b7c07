// The table of rotary positions (Su et al., 2021, arXiv:2104.09864):
// docs/decisions/0008-rope-tables.md.
#pragma once

#include <cstddef>

namespace sotto {

// cos[i] = cos(position * frequencies[i]) * attention_factor for i < n_pairs, and sin likewise,
// each rounded once, the angle being within 2 * 2^-53 of itself. Frequencies are in radians a
// position; position * frequencies[i] <= 2^20.
void rope_row(const double* frequencies, size_t n_pairs, size_t position, float attention_factor,
              float* cos, float* sin);

}  // namespace sotto
