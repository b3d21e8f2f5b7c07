#include "sampling/candidates.h"

#include <algorithm>
#include <numeric>

#include "base/math.h"

namespace sotto {

void Candidates::assign(const float* all_logits, size_t vocab_size) {
  logits.assign(all_logits, all_logits + vocab_size);
  tokens.resize(vocab_size);
  std::iota(tokens.begin(), tokens.end(), 0);
  size = vocab_size;
}

void Candidates::select(const uint32_t* indices, size_t n_indices) {
  selected_logits_.resize(n_indices);
  selected_tokens_.resize(n_indices);
  for (size_t i = 0; i < n_indices; ++i) {
    selected_logits_[i] = logits[indices[i]];
    selected_tokens_[i] = tokens[indices[i]];
  }
  std::copy(selected_logits_.begin(), selected_logits_.end(), logits.begin());
  std::copy(selected_tokens_.begin(), selected_tokens_.end(), tokens.begin());
  size = n_indices;
}

double softmax_weights(const Candidates& candidates, std::vector<float>& weights) {
  const size_t size = candidates.size;
  const float* const logits = candidates.logits.data();
  const v128_t max = wasm_f32x4_splat(*std::max_element(logits, logits + size));
  weights.resize((size + 3) / 4 * 4);
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    wasm_v128_store(weights.data() + i, exp_f32x4(wasm_f32x4_sub(wasm_v128_load(logits + i), max)));
  }
  for (; i < size; ++i) weights[i] = exp_f32(logits[i] - wasm_f32x4_extract_lane(max, 0));
  double sum = 0;
  for (i = 0; i < size; ++i) sum += weights[i];
  return sum;
}

}  // namespace sotto
