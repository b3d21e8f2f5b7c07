// The gated delta rule (Yang et al., 2024, arXiv:2412.06464) of one head, token after token.
#pragma once

#include <cstddef>

namespace sotto {

// Of one token: its numbers for the head.
struct DeltaNumbers {
  float decay;    // of the state, 0 to 1
  float beta;     // how much of the difference is taken in, 0 to 1
  float k_scale;  // what makes a unit vector of k
  float q_scale;  // and of q, times the scale of the output
};

// The head's rows of consecutive tokens of one sequence, each `stride` floats behind the one
// before.
struct DeltaHead {
  size_t key_dim;
  size_t value_dim;
  size_t n_tokens;
  const float* q;               // [key_dim]
  const float* k;               // [key_dim]
  const float* v;               // [value_dim]
  size_t stride;                // of q, k and v
  const DeltaNumbers* numbers;  // [n_tokens]
  float* out;                   // [value_dim]
  size_t out_stride;
};

// For each token, with k and q times their scales: S *= decay; d = (v - S^T k) * beta; S += k d^T;
// out = S^T q. Sums run over key_dim in ascending order.
//   state_in   [key_dim, value_dim] as in state_block.h, before the first token
//   state_out  the same, after the last; may be state_in
void gated_delta_f32_simd(const DeltaHead& head, const float* state_in, float* state_out);

}  // namespace sotto
