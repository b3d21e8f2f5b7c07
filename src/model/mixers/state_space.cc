#include "model/mixers/state_space.h"

#include <algorithm>
#include <array>

#include "base/math.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/gate_f32_simd.h"
#include "kernels/scale_f32_simd.h"
#include "kernels/state_block.h"
#include "kernels/state_space_f32_simd.h"
#include "model/mixers/silu_convolution.h"
#include "model/norms.h"

namespace sotto {
namespace {

// The first product's bias, and the factors on its spans, of one row.
void finish_product(const StateSpace& shape, const RecurrenceWeights& w, float* in) {
  add_bias_f32_simd(in, 1, shape.in_rows(), w.in.bias.data());
  const auto scale = [&in](size_t n, float factor) {
    if (factor != 1) scale_f32_simd(in, n, factor);
    in += n;
  };
  scale(shape.inner_rows(), shape.scales.gate);
  scale(shape.inner_rows(), shape.scales.x);
  scale(shape.group_rows(), shape.scales.b);
  scale(shape.group_rows(), shape.scales.c);
  scale(shape.n_heads, shape.scales.time_step);
}

// `in`, `mixed`: of the first of n rows of a sequence.
void run_head(const StateSpace& shape, const RecurrenceWeights& w, size_t head, size_t n,
              const float* in, float* mixed, const float* state_in, float* state_out) {
  const size_t stride = shape.in_rows();
  const size_t group = head * shape.n_groups / shape.n_heads;
  const float* const x = in + shape.inner_rows();
  const float* const b = x + shape.inner_rows() + group * shape.state_size;
  const float* const time = x + shape.convolved_rows() + head;
  const float stored = w.decay.data()[head];
  const float rate = shape.has_log_decay ? -exp_f32(stored) : stored;
  std::array<StateSpaceNumbers, kMostBatchRows> numbers;
  for (size_t row = 0; row < n; ++row) {
    const float step = std::clamp(softplus_f32(time[row * stride] + w.time_bias.data()[head]),
                                  shape.least_time_step, shape.most_time_step);
    numbers[row] = {.decay = exp_f32(rate * step), .time_step = step};
  }
  const StateSpaceHead rows = {
      .state_size = static_cast<size_t>(shape.state_size),
      .head_dim = static_cast<size_t>(shape.head_dim),
      .n_tokens = n,
      .x = x + head * shape.head_dim,
      .b = b,
      .c = b + shape.group_rows(),
      .stride = stride,
      .skip = w.skip.data()[head],
      .numbers = numbers.data(),
      .out = mixed + head * shape.head_dim,
      .out_stride = shape.inner_rows(),
  };
  const size_t offset = head * state_head_floats(rows.state_size, rows.head_dim);
  state_space_f32_simd(rows, state_in + offset, state_out + offset);
}

// Gate and norm of one row.
void finish_output(const StateSpace& shape, const RecurrenceWeights& w, const float* gate,
                   float* mixed) {
  const size_t width = shape.inner_rows();
  const auto& norm = shape.output_norm;
  const auto apply = [&] {
    const size_t columns = width / norm->n_groups;
    for (int32_t group = 0; group < norm->n_groups; ++group) {
      float* const part = mixed + group * columns;
      apply_norm(norm->norm, w.norm, part, 1, columns, part, /*first_weight=*/group * columns);
    }
  };
  if (norm && norm->is_before_gate) apply();
  gate_f32_simd(Activation::kSilu, gate, mixed, width, mixed);
  if (norm && !norm->is_before_gate) apply();
}

}  // namespace

void mix_state_space(const Pass& pass, size_t layer, const StateSpace& shape,
                     const RecurrenceWeights& w) {
  const Activations& activations = pass.activations();
  const size_t stride = shape.in_rows();
  const size_t width = shape.inner_rows();
  w.in.apply(activations.normed, pass.rows(), activations.mixer_in, pass.space());
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      finish_product(shape, w, activations.mixer_in + row * stride);
    }
  });
  convolve_silu(pass, layer,
                {.first = width,
                 .n = shape.convolved_rows(),
                 .stride = stride,
                 .state_offset = heads_state_floats(shape),
                 .n_taps = static_cast<size_t>(shape.n_taps)},
                w);
  pass.for_sequence_parts(shape.n_heads, [&](size_t first, size_t n, size_t head) {
    SequenceState& sequence = *pass.batch[first].sequence;
    run_head(shape, w, head, n, activations.mixer_in + first * stride,
             activations.mixed + first * width, sequence.state_in(layer),
             sequence.state_out(layer));
  });
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      finish_output(shape, w, activations.mixer_in + row * stride, activations.mixed + row * width);
    }
  });
  w.out.apply(activations.mixed, pass.rows(), activations.projected, pass.space());
}

}  // namespace sotto
