// A causal depthwise convolution over few positions, then silu: before the states of Mamba (Gu,
// Dao, 2023, arXiv:2312.00752) and of the gated delta rule.
#pragma once

#include "kernels/depthwise_convolution.h"

namespace sotto {

// Of each channel of the step: y = silu(sum), of inputs x (depthwise_convolution.h). x, y:
// [channels], may be the same. Any channels, any alignment.
void silu_conv_f32_simd(const ConvolutionStep& step, const float* x, float* y);

}  // namespace sotto
