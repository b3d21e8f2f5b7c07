// Contrastive search (Su and others, 2022, arXiv:2202.06417): of the k likeliest tokens v, that of
// the largest
//
//   (1 - alpha) p(v) - alpha max_j cos(h_v, h_j)
//
// where h_v is the hidden state (the final norm's output) of v as the next token, and h_j those of
// all tokens before it. The engine runs the model, this decides:
//
//   search.add_context(hidden states of the prompt);
//   for each token: tokens = search.candidates(logits); run each of them on a fork of the cache;
//     search.choose(their hidden states); go on with the fork that is chosen, and its logits
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "sampling/largest_entries.h"

namespace sotto {

class ContrastiveSearch {
 public:
  // Validated: 0 <= penalty_alpha <= 1, top_k >= 1, hidden_size >= 1.
  ContrastiveSearch(double penalty_alpha, size_t top_k, size_t hidden_size);

  // Takes the hidden states of tokens of the sequence, in any order: [n, hidden_size]. Their
  // directions are kept, 4 bytes a value. kOutOfMemory, kNotFinite; on an error those before the
  // refused one are kept.
  Status add_context(std::span<const float> hidden);

  // The top_k likeliest tokens, the likeliest first, the lower id first where they tie; fewer where
  // the logits (after the processors) leave fewer. Valid until the next call. kOutOfMemory,
  // kNotFinite as of log_softmax.
  Result<std::span<const int32_t>> candidates(std::span<const float> logits);

  // Which of the last candidates is next, by the hidden states that they would have:
  // [n_candidates, hidden_size]. Of equal ones the likelier. Its state joins the context.
  // kOutOfMemory, kNotFinite.
  Result<size_t> choose(std::span<const float> candidate_hidden);

 private:
  Status normalize(std::span<const float> hidden, float* row) const;
  Status add_row(const float* row);
  size_t list_bytes() const;
  void most_alike(std::vector<float>& similarities) const;

  double penalty_alpha_;
  size_t top_k_;
  size_t hidden_size_;
  size_t row_stride_;  // hidden_size, and zeros up to whole vectors

  std::vector<Buffer<float>> context_;  // of [kRowsInBlock, row_stride]: unit vectors, or zeros
  size_t n_context_ = 0;
  LargestEntries largest_;
  std::vector<int32_t> tokens_;
  std::vector<double> probabilities_;  // of the candidates
  Buffer<float> candidate_rows_;       // [n_candidates rounded up to 4, row_stride]
  std::vector<float> similarities_;
};

}  // namespace sotto
