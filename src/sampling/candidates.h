// What the filters of a sampling chain work on: the tokens that may still be chosen, with their
// logits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sampling/k_largest.h"

namespace sotto {

// Entries [0, size) are alive. Tokens are written down only when the first filter cuts: until then
// token i stands at i.
class Candidates {
 public:
  std::vector<float> logits;
  size_t size = 0;

  // Workspace of the filters, so that none of them allocates once a chain has run. What is in it
  // lasts until a filter ends.
  std::vector<float> weights;
  std::vector<float> keys;
  std::vector<uint64_t> order;
  std::vector<uint64_t> sort_workspace;
  KLargest<float, std::greater<>> largest;  // of kMostLargest or fewer
  static constexpr size_t kMostLargest = 512;

  // Bytes that the vectors may grow by for a vocabulary of this size.
  size_t missing_bytes(size_t vocab_size) const;

  void assign(std::span<const float> all_logits);

  std::span<const float> live() const { return {logits.data(), size}; }
  int32_t token(size_t i) const { return is_whole_ ? static_cast<int32_t>(i) : tokens_[i]; }

  // Keeps entry i when `keep(i)`, in the order in which they stand.
  template <typename Predicate>
  void filter(Predicate keep) {
    make_room();
    size_t n_kept = 0;
    for (size_t i = 0; i < size; ++i) {
      if (keep(i)) move(i, n_kept++);
    }
    cut_to(n_kept);
  }

  // Keeps entries with logit >= least, in the order in which they stand; most of the vocabulary is
  // passed by sixteen at a time.
  void keep_at_least(double least);

  // Keeps the entries at `indices`, in that order. Only the lower 32 bits of an index count.
  void select(std::span<const uint64_t> indices);

 private:
  void make_room() {
    if (tokens_.size() < size) tokens_.resize(size);
  }
  void move(size_t from, size_t to) {
    tokens_[to] = token(from);
    logits[to] = logits[from];
  }
  void cut_to(size_t n_kept) {
    size = n_kept;
    is_whole_ = false;
  }

  std::vector<int32_t> tokens_;
  bool is_whole_ = true;
  std::vector<float> selected_logits_;
  std::vector<int32_t> selected_tokens_;
};

}  // namespace sotto
