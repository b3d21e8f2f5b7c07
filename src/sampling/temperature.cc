#include <wasm_simd128.h>

#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"

namespace sotto {

// logit / temperature (Ackley, Hinton, Sejnowski, 1985), after the largest logit is subtracted from
// all, which changes no probability and keeps the quotient from overflowing. Temperature 0 never
// comes here: see Sampler::choose.
void apply_temperature(float temperature, Candidates& candidates) {
  float* const logits = candidates.logits.data();
  const float max = largest_or_infinity(candidates.live());
  const v128_t maxima = wasm_f32x4_splat(max);
  const v128_t divisor = wasm_f32x4_splat(temperature);
  size_t i = 0;
  for (; i + 4 <= candidates.size; i += 4) {
    wasm_v128_store(logits + i,
                    wasm_f32x4_div(wasm_f32x4_sub(wasm_v128_load(logits + i), maxima), divisor));
  }
  for (; i < candidates.size; ++i) logits[i] = (logits[i] - max) / temperature;
}

}  // namespace sotto
