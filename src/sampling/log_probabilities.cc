#include "sampling/log_probabilities.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace sotto {
namespace {

// log sum exp(logits - max), added in double precision in ascending order.
double log_sum(std::span<const float> logits, float max) {
  const v128_t maxima = wasm_f32x4_splat(max);
  double sum = 0;
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) {
    float weights[4];
    wasm_v128_store(weights, exp_f32x4(wasm_f32x4_sub(wasm_v128_load(&logits[i]), maxima)));
    for (const float weight : weights) sum += weight;
  }
  for (; i < logits.size(); ++i) sum += exp_f32(logits[i] - max);
  return std::log(sum);
}

}  // namespace

std::vector<LogProbability> log_probabilities(std::span<const float> logits, int32_t token,
                                              size_t n) {
  const float max = *std::max_element(logits.begin(), logits.end());
  const double shift = max + log_sum(logits, max);
  const auto entry = [&](size_t id) -> LogProbability {
    return {static_cast<int32_t>(id), static_cast<float>(logits[id] - shift)};
  };
  std::vector<LogProbability> found = {entry(token)};
  // A heap of the n likeliest so far, the least likely of them at its front.
  const auto is_likelier = [&](size_t a, size_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  };
  std::vector<size_t> heap;
  for (size_t id = 0; id < logits.size() && n > 0; ++id) {
    if (heap.size() == n) {
      if (!is_likelier(id, heap.front())) continue;
      std::pop_heap(heap.begin(), heap.end(), is_likelier);
      heap.pop_back();
    }
    heap.push_back(id);
    std::push_heap(heap.begin(), heap.end(), is_likelier);
  }
  std::sort_heap(heap.begin(), heap.end(), is_likelier);
  for (const size_t id : heap) found.push_back(entry(id));
  return found;
}

}  // namespace sotto
