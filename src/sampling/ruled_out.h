// The logit of a token that must not be chosen.
#pragma once

#include <limits>

namespace sotto {

inline constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

}  // namespace sotto
