// A causal depthwise convolution over few positions, between two gates: LFM2 (Liquid AI, 2025).
#pragma once

#include "kernels/depthwise_convolution.h"

namespace sotto {

// Of each channel of the step: y = C * sum, of inputs z = B u (depthwise_convolution.h).
//   gates  [3, channels]: B, C, u
//   y      [channels]
// Any channels, any alignment.
void short_conv_f32_simd(const ConvolutionStep& step, const float* gates, float* y);

}  // namespace sotto
