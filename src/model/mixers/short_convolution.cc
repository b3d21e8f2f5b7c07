#include "model/mixers/short_convolution.h"

#include "kernels/add_bias_f32_simd.h"
#include "kernels/short_conv_f32_simd.h"

namespace sotto {

void mix_short_convolution(const Pass& pass, size_t layer, const ShortConvolution& shape,
                           const ShortConvolutionWeights& w) {
  const Activations& activations = pass.activations();
  const size_t width = w.out.columns();
  w.in.apply(activations.normed, pass.rows(), activations.mixer_in, pass.space());
  if (shape.has_bias) {
    pass.for_rows([&](size_t first, size_t n) {
      add_bias_f32_simd(activations.mixer_in + first * 3 * width, n, 3 * width, w.in.bias.data());
    });
  }
  pass.for_sequence_segments(width, [&](size_t first, size_t n, size_t begin, size_t end) {
    SequenceState& sequence = *pass.batch[first].sequence;
    const float* before = sequence.state_in(layer);
    float* const after = sequence.state_out(layer);
    for (size_t row = first; row < first + n; ++row) {
      const ConvolutionStep step = {
          .state_in = before,
          .state_out = after,
          .weight = w.kernel.data(),
          .bias = w.kernel_bias.data(),
          .channels = width,
          .taps = static_cast<size_t>(shape.n_taps),
          .begin = begin,
          .end = end,
      };
      short_conv_f32_simd(step, activations.mixer_in + row * 3 * width,
                          activations.mixed + row * width);
      before = after;
    }
  });
  w.out.apply(activations.mixed, pass.rows(), activations.projected, pass.space());
}

}  // namespace sotto
