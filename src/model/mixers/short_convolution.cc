#include "model/mixers/short_convolution.h"

#include "kernels/add_bias_f32_simd.h"
#include "kernels/short_conv_f32_simd.h"

namespace sotto {

void mix_short_convolution(const Pass& pass, size_t layer, const ShortConvolution& shape,
                           const ShortConvolutionWeights& w) {
  const Activations& activations = pass.activations();
  const size_t width = w.out.columns();
  w.in.apply(activations.normed, pass.rows(), activations.mixer_in, pass.space());
  // Sequences side by side, the rows of each one after the other.
  pass.for_sequences([&](size_t first, size_t n) {
    SequenceState& sequence = *pass.batch[first].sequence;
    const float* before = sequence.state_in(layer);
    float* const after = sequence.state_out(layer);
    for (size_t row = first; row < first + n; ++row) {
      float* const gates = activations.mixer_in + row * 3 * width;
      add_bias_f32_simd(gates, 1, 3 * width, w.in.bias.data());
      short_conv_f32_simd(gates, before, after, w.kernel.data(), w.kernel_bias.data(), width,
                          shape.n_taps, activations.mixed + row * width);
      before = after;
    }
  });
  w.out.apply(activations.mixed, pass.rows(), activations.projected, pass.space());
}

}  // namespace sotto
