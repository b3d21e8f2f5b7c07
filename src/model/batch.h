// The rows of one forward pass.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/sequence_state.h"

namespace sotto {

constexpr size_t kMostBatchRows = 128;  // of one forward pass

// One token of one sequence. A prefill chunk, one decode step and several sequences at once are all
// batches of these.
struct BatchRow {
  int32_t token;
  size_t position;
  SequenceState* sequence;
  bool wants_logits;
};

}  // namespace sotto
