// The rotary frequencies of a layer.
#pragma once

#include <vector>

#include "model/decoder_config.h"

namespace sotto {

struct RopeFrequencies {
  std::vector<double> values;  // radians a position, of each pair of dimensions
  float attention_factor = 1;  // of cos and sin
};

// `is_long`: of a sequence longer than the original context, which only LongScaling tells apart.
RopeFrequencies rope_frequencies(const Rope& rope, bool is_long);

}  // namespace sotto
