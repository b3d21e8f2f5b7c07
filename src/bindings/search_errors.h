// What a search says when it is driven in the wrong order.
#pragma once

#include <string>

#include "base/result.h"

namespace sotto {

inline Error out_of_order(const std::string& problem) { return {ErrorCode::kBadOption, problem}; }

inline Error no_logits() {
  return {ErrorCode::kNoLogits,
          "the session has no logits to choose by: append a token to it first."};
}

}  // namespace sotto
