#include "model/mixers/mix.h"

#include <variant>

#include "model/mixers/attention.h"
#include "model/mixers/gated_delta.h"
#include "model/mixers/short_convolution.h"
#include "model/mixers/state_space.h"

namespace sotto {

void mix(const Pass& pass, size_t layer, size_t kind, const Mixer& mixer,
         const MixerWeights& weights) {
  if (const auto* const attention = std::get_if<Attention>(&mixer)) {
    mix_attention(pass, layer, kind, *attention, std::get<AttentionWeights>(weights));
  } else if (const auto* const convolution = std::get_if<ShortConvolution>(&mixer)) {
    mix_short_convolution(pass, layer, *convolution, std::get<ShortConvolutionWeights>(weights));
  } else if (const auto* const delta = std::get_if<GatedDelta>(&mixer)) {
    mix_gated_delta(pass, layer, *delta, std::get<RecurrenceWeights>(weights));
  } else {
    mix_state_space(pass, layer, std::get<StateSpace>(mixer), std::get<RecurrenceWeights>(weights));
  }
}

const Linear& last_of(const MixerWeights& weights) {
  if (const auto* const attention = std::get_if<AttentionWeights>(&weights)) {
    return attention->output;
  }
  const auto* const convolution = std::get_if<ShortConvolutionWeights>(&weights);
  return convolution != nullptr ? convolution->out : std::get<RecurrenceWeights>(weights).out;
}

}  // namespace sotto
