#include <algorithm>
#include <functional>

#include "sampling/sampler.h"

namespace sotto {
namespace {

// The k-th largest of `values`, by a heap of the k largest so far whose root is the smallest of
// them: after the first few hundred values nearly all are turned away by one comparison, and
// nothing is sorted.
float kth_largest(const float* values, size_t size, size_t k, std::vector<float>& heap) {
  heap.assign(values, values + k);
  std::make_heap(heap.begin(), heap.end(), std::greater<>());
  for (size_t i = k; i < size; ++i) {
    if (values[i] <= heap.front()) continue;
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.back() = values[i];
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  }
  return heap.front();
}

}  // namespace

// Keeps the k most likely tokens (Fan, Lewis, Dauphin, 2018, arXiv:1805.04833), and those that tie
// with the k-th, as Hugging Face's TopKLogitsWarper does. 0 keeps all.
void apply_top_k(int32_t top_k, Candidates& candidates) {
  const auto k = static_cast<size_t>(top_k);
  if (k == 0 || k >= candidates.size) return;
  const float least = kth_largest(candidates.logits.data(), candidates.size, k, candidates.scratch);
  candidates.filter([&](size_t i) { return candidates.logits[i] >= least; });
}

}  // namespace sotto
