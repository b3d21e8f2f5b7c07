#include <wasm_simd128.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "sampling/sampling_chain.h"

namespace sotto {
namespace {

// Minus infinity where fewer than k are above it, so that all stay.
float kth_by_heap(size_t k, Candidates& candidates) {
  const std::span<const float> values = candidates.live();
  auto& largest = candidates.largest;
  largest.start(k);
  float bound = -std::numeric_limits<float>::infinity();
  for_each_above(
      bound, values.size(), [&](size_t i) { return wasm_v128_load(&values[i]); },
      [&](size_t i) {
        if (!(values[i] > bound)) return;
        largest.add(values[i]);
        if (largest.is_full()) bound = largest.last();
      });
  return bound;
}

float kth_by_partition(size_t k, Candidates& candidates) {
  std::vector<float>& copy = candidates.keys;
  copy.assign(candidates.live().begin(), candidates.live().end());
  const auto kth = copy.begin() + static_cast<ptrdiff_t>(k - 1);
  std::nth_element(copy.begin(), kth, copy.end(), std::greater<>());
  return *kth;
}

}  // namespace

// Keeps the k most likely tokens (Fan, Lewis, Dauphin, 2018, arXiv:1805.04833), and those that tie
// with the k-th, as Hugging Face's TopKLogitsWarper does. Of many, a heap is slower than a
// partition.
void apply_top_k(int32_t top_k, Candidates& candidates) {
  const auto k = static_cast<size_t>(top_k);
  if (k >= candidates.size) return;
  const auto kth_largest = k <= Candidates::kMostLargest ? kth_by_heap : kth_by_partition;
  candidates.keep_at_least(kth_largest(k, candidates));
}

}  // namespace sotto
