#include "model/mixers/silu_convolution.h"

#include "kernels/silu_conv_f32_simd.h"

namespace sotto {

void convolve_silu(const Pass& pass, size_t layer, const ConvolvedColumns& columns,
                   const RecurrenceWeights& w) {
  pass.for_sequence_segments(columns.n, [&](size_t first, size_t n, size_t begin, size_t end) {
    SequenceState& sequence = *pass.batch[first].sequence;
    const float* before = sequence.state_in(layer) + columns.state_offset;
    float* const after = sequence.state_out(layer) + columns.state_offset;
    for (size_t row = first; row < first + n; ++row) {
      const ConvolutionStep step = {
          .state_in = before,
          .state_out = after,
          .weight = w.kernel.data(),
          .bias = w.kernel_bias.data(),
          .channels = columns.n,
          .taps = columns.n_taps,
          .begin = begin,
          .end = end,
      };
      float* const x = pass.activations().mixer_in + row * columns.stride + columns.first;
      silu_conv_f32_simd(step, x, x);
      before = after;
    }
  });
}

}  // namespace sotto
