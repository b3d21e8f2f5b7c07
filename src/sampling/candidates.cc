#include "sampling/candidates.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sampling/growth.h"

namespace sotto {
namespace {

// The smallest float that is not below x: a float is at least x just when it is at least this.
float ceil_to_float(double x) {
  const auto nearest = static_cast<float>(x);
  if (nearest >= x) return nearest;
  return std::nextafter(nearest, std::numeric_limits<float>::infinity());
}

}  // namespace

size_t Candidates::missing_bytes(size_t vocab_size) const {
  const size_t padded = vocab_size + 3;  // softmax_weights works in whole vectors
  return growth_bytes(logits, vocab_size) + growth_bytes(weights, padded) +
         growth_bytes(keys, vocab_size) + growth_bytes(order, vocab_size) +
         growth_bytes(sort_workspace, vocab_size) +
         largest.missing_bytes(std::min(vocab_size, kMostLargest)) +
         growth_bytes(tokens_, vocab_size) + growth_bytes(selected_logits_, vocab_size) +
         growth_bytes(selected_tokens_, vocab_size);
}

void Candidates::assign(std::span<const float> all_logits) {
  logits.assign(all_logits.begin(), all_logits.end());
  size = all_logits.size();
  is_whole_ = true;
}

void Candidates::keep_at_least(double least) {
  make_room();
  const float bound = ceil_to_float(least);
  const v128_t bounds = wasm_f32x4_splat(bound);
  const auto are_kept = [&](size_t i) { return wasm_f32x4_ge(wasm_v128_load(&logits[i]), bounds); };
  constexpr size_t kAtOnce = 16;
  size_t n_kept = 0;
  size_t i = 0;
  for (; i + kAtOnce <= size; i += kAtOnce) {
    const v128_t any = wasm_v128_or(wasm_v128_or(are_kept(i), are_kept(i + 4)),
                                    wasm_v128_or(are_kept(i + 8), are_kept(i + 12)));
    if (!wasm_v128_any_true(any)) continue;
    for (size_t j = i; j < i + kAtOnce; ++j) {
      if (logits[j] >= bound) move(j, n_kept++);
    }
  }
  for (; i < size; ++i) {
    if (logits[i] >= bound) move(i, n_kept++);
  }
  cut_to(n_kept);
}

void Candidates::select(std::span<const uint64_t> indices) {
  make_room();
  selected_logits_.resize(std::max(selected_logits_.size(), indices.size()));
  selected_tokens_.resize(selected_logits_.size());
  for (size_t i = 0; i < indices.size(); ++i) {
    const auto index = static_cast<uint32_t>(indices[i]);
    selected_logits_[i] = logits[index];
    selected_tokens_[i] = token(index);
  }
  std::copy_n(selected_logits_.begin(), indices.size(), logits.begin());
  std::copy_n(selected_tokens_.begin(), indices.size(), tokens_.begin());
  cut_to(indices.size());
}

}  // namespace sotto
