// What a sampling chain works on: the tokens that may still be chosen, with their logits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sotto {

// Parallel arrays; entries [0, size) are alive. Until a filter runs, token i stands at i.
struct Candidates {
  std::vector<float> logits;
  std::vector<int32_t> tokens;
  size_t size = 0;

  // Lent to the filters, so that none of them allocates once a chain has run.
  std::vector<float> scratch;
  std::vector<uint32_t> order;

  void assign(const float* all_logits, size_t vocab_size);

  // Keeps entry i when `keep(i)`, in the order in which they stand.
  template <typename Predicate>
  void filter(Predicate keep) {
    size_t n_kept = 0;
    for (size_t i = 0; i < size; ++i) {
      if (!keep(i)) continue;
      logits[n_kept] = logits[i];
      tokens[n_kept] = tokens[i];
      ++n_kept;
    }
    size = n_kept;
  }

  // Keeps the entries at `indices`, in that order.
  void select(const uint32_t* indices, size_t n_indices);

 private:
  std::vector<float> selected_logits_;
  std::vector<int32_t> selected_tokens_;
};

// weights[i] = exp(logits[i] - largest logit), and returns their sum in double precision, added in
// ascending i.
double softmax_weights(const Candidates& candidates, std::vector<float>& weights);

}  // namespace sotto
