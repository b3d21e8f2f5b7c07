// A causal depthwise convolution over few positions, between two gates: LFM2 (Liquid AI, 2025).
#pragma once

#include <cstddef>

namespace sotto {

// One token, of each channel: z = B u, y = C (weight[0] z_before[0] + .. + weight[taps - 2]
// z_before[taps - 2] + weight[taps - 1] z + bias), summed in this order.
//   gates              [3, channels]: B, C, u
//   state_in           [taps - 1, channels]: z of the tokens before, the oldest first
//   state_out          the same with this token's; may be state_in
//   weight             [taps, channels]
//   bias               [channels], or null for none
//   y                  [channels]
// taps >= 1; any channels, any alignment.
void short_conv_f32_simd(const float* gates, const float* state_in, float* state_out,
                         const float* weight, const float* bias, size_t channels, size_t taps,
                         float* y);

}  // namespace sotto
