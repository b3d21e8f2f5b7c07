// The state space of Mamba 2 (Dao, Gu, 2024, arXiv:2405.21060) of one head, token after token.
#pragma once

#include <cstddef>

namespace sotto {

// Of one token: its numbers for the head.
struct StateSpaceNumbers {
  float decay;      // of the state, 0 to 1
  float time_step;  // dt
};

// The head's rows of consecutive tokens of one sequence, each `stride` floats behind the one
// before.
struct StateSpaceHead {
  size_t state_size;
  size_t head_dim;
  size_t n_tokens;
  const float* x;                    // [head_dim]
  const float* b;                    // [state_size]
  const float* c;                    // [state_size]
  size_t stride;                     // of x, b and c
  float skip;                        // how much of x goes to the output
  const StateSpaceNumbers* numbers;  // [n_tokens]
  float* out;                        // [head_dim]
  size_t out_stride;
};

// For each token: S = decay * S + b (dt * x)^T; out = S^T c + skip * x. Sums run over state_size in
// ascending order.
//   state_in   [state_size, head_dim] as in state_block.h, before the first token
//   state_out  the same, after the last; may be state_in
void state_space_f32_simd(const StateSpaceHead& head, const float* state_in, float* state_out);

}  // namespace sotto
