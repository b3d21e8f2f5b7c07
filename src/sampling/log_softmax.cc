#include "sampling/log_softmax.h"

#include <wasm_simd128.h>

#include <cmath>

#include "sampling/choosable.h"
#include "sampling/softmax.h"

namespace sotto {

Status log_softmax(std::span<const float> logits, float* out) {
  auto largest = largest_of_model(logits);
  if (!largest.is_ok()) return largest.error();
  const float max = largest.value();
  const auto log_sum = static_cast<float>(std::log(sum_of_exp(logits, max)));
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

}  // namespace sotto
