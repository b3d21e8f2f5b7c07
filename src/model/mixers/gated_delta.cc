#include "model/mixers/gated_delta.h"

#include <array>
#include <cmath>

#include "base/math.h"
#include "kernels/gate_f32_simd.h"
#include "kernels/gated_delta_f32_simd.h"
#include "kernels/state_block.h"
#include "kernels/sum_squares_f32_simd.h"
#include "model/mixers/silu_convolution.h"
#include "model/norms.h"

namespace sotto {
namespace {

constexpr float kUnitEpsilon = 1e-6F;

// What a head's rows are, from the first product's.
class Heads {
 public:
  Heads(const GatedDelta& shape, const RecurrenceWeights& weights)
      : shape_(shape), weights_(weights) {}

  // `in`, `mixed`: of the first of n rows.
  void run(size_t head, size_t n, const float* in, float* mixed, const float* state_in,
           float* state_out) const {
    const size_t stride = shape_.in_rows();
    const size_t dim = shape_.value_dim;
    const size_t key_head = key_head_of(head);
    std::array<DeltaNumbers, kMostBatchRows> numbers;
    const DeltaHead rows = {
        .key_dim = static_cast<size_t>(shape_.key_dim),
        .value_dim = dim,
        .n_tokens = n,
        .q = in + key_head * shape_.key_dim,
        .k = in + shape_.key_rows() + key_head * shape_.key_dim,
        .v = in + 2 * shape_.key_rows() + head * dim,
        .stride = stride,
        .numbers = numbers.data(),
        .out = mixed + head * dim,
        .out_stride = shape_.value_rows(),
    };
    const float* const z = in + shape_.convolved_rows() + head * dim;
    const float* const beta = in + shape_.convolved_rows() + shape_.value_rows() + head;
    for (size_t row = 0; row < n; ++row) {
      numbers[row] = numbers_of(head, rows.q + row * stride, rows.k + row * stride,
                                beta[row * stride], beta[row * stride + shape_.n_value_heads]);
    }
    const size_t offset = head * state_head_floats(rows.key_dim, dim);
    gated_delta_f32_simd(rows, state_in + offset, state_out + offset);
    for (size_t row = 0; row < n; ++row) {
      float* const out = rows.out + row * rows.out_stride;
      apply_norm(shape_.norm, weights_.norm, out, 1, dim, out);
      gate_f32_simd(Activation::kSilu, z + row * stride, out, dim, out);
    }
  }

 private:
  size_t key_head_of(size_t head) const {
    const size_t n_key_heads = shape_.n_key_heads;
    return shape_.is_tiled ? head % n_key_heads : head / (shape_.n_value_heads / n_key_heads);
  }

  DeltaNumbers numbers_of(size_t head, const float* q, const float* k, float beta,
                          float alpha) const {
    const size_t dim = shape_.key_dim;
    const float stored = weights_.decay.data()[head];
    const float rate = shape_.has_log_decay ? -exp_f32(stored) : stored;
    const float time = softplus_f32(alpha + weights_.time_bias.data()[head]);
    const float length_of_scale = std::sqrt(static_cast<float>(dim));
    return {
        .decay = exp_f32(rate * time),
        .beta = sigmoid_f32(beta),
        .k_scale = 1.0F / std::sqrt(sum_squares_f32_simd(k, dim) + kUnitEpsilon),
        .q_scale =
            1.0F / (std::sqrt(sum_squares_f32_simd(q, dim) + kUnitEpsilon) * length_of_scale),
    };
  }

  const GatedDelta& shape_;
  const RecurrenceWeights& weights_;
};

}  // namespace

void mix_gated_delta(const Pass& pass, size_t layer, const GatedDelta& shape,
                     const RecurrenceWeights& w) {
  const Activations& activations = pass.activations();
  w.in.apply(activations.normed, pass.rows(), activations.mixer_in, pass.space());
  convolve_silu(pass, layer,
                {.first = 0,
                 .n = shape.convolved_rows(),
                 .stride = shape.in_rows(),
                 .state_offset = heads_state_floats(shape),
                 .n_taps = static_cast<size_t>(shape.n_taps)},
                w);
  const Heads heads(shape, w);
  pass.for_sequence_parts(shape.n_value_heads, [&](size_t first, size_t n, size_t head) {
    SequenceState& sequence = *pass.batch[first].sequence;
    heads.run(head, n, activations.mixer_in + first * shape.in_rows(),
              activations.mixed + first * shape.value_rows(), sequence.state_in(layer),
              sequence.state_out(layer));
  });
  w.out.apply(activations.mixed, pass.rows(), activations.projected, pass.space());
}

}  // namespace sotto
