#include "sampling/log_probabilities.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>

#include "sampling/choosable.h"
#include "sampling/largest_entries.h"
#include "sampling/softmax.h"

namespace sotto {

Status log_softmax(std::span<const float> logits, float* out) {
  auto largest = largest_of_model(logits);
  if (!largest.is_ok()) return largest.error();
  const float max = largest.value();
  const auto log_sum = static_cast<float>(log_sum_of_exp(logits, max));
  const v128_t maxima = wasm_f32x4_splat(max);
  const v128_t log_sums = wasm_f32x4_splat(log_sum);
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) {
    const v128_t below_max = wasm_f32x4_sub(wasm_v128_load(&logits[i]), maxima);
    wasm_v128_store(out + i, wasm_f32x4_sub(below_max, log_sums));
  }
  for (; i < logits.size(); ++i) out[i] = (logits[i] - max) - log_sum;
  return {};
}

std::vector<LogProbability> log_probabilities(std::span<const float> logits, int32_t token,
                                              size_t n) {
  const float max = largest_or_infinity(logits);
  const double shift = max + log_sum_of_exp(logits, max);
  const auto entry = [&](int32_t id) -> LogProbability {
    return {id, static_cast<float>(logits[id] - shift)};
  };
  std::vector<LogProbability> found = {entry(token)};
  LargestEntries largest;
  largest.start(std::min(n, logits.size()));
  largest.add_row(logits, 0, 0);
  for (const auto& likely : largest.sorted()) found.push_back(entry(likely.column));
  return found;
}

}  // namespace sotto
