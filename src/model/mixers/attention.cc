#include "model/mixers/attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/add_bias_f32_simd.h"
#include "kernels/attention_f32_simd.h"
#include "kernels/attention_int8_simd.h"
#include "kernels/gate_f32_simd.h"
#include "kernels/rope_f32_simd.h"
#include "kernels/scale_f32_simd.h"
#include "model/norms.h"

namespace sotto {
namespace {

// The queries and keys of one row on their way from the product to the cache.
class QueriesKeys {
 public:
  QueriesKeys(const Attention& shape, const AttentionWeights& weights)
      : shape_(shape), weights_(weights) {}

  // In layers that read the keys of others there are queries alone.
  void prepare(const Pass& pass, size_t kind, size_t row, float* qkv) const {
    float* const k = shape_.shared_keys ? nullptr : qkv + shape_.k_begin();
    const bool norms_last = shape_.qk_norm && shape_.qk_norm->is_after_rope;
    if (!norms_last) norm(qkv, k);
    if (const auto& rope = shape_.rope) {
      const float* const cos = pass.workspace.ropes().cos(kind, row);
      const float* const sin = pass.workspace.ropes().sin(kind, row);
      turn(*rope, qkv, shape_.n_heads, cos, sin);
      if (k != nullptr) turn(*rope, k, shape_.n_kv_heads, cos, sin);
    }
    if (norms_last) norm(qkv, k);
    if (const auto& scaling = shape_.query_scaling) {
      scale_query(*scaling, pass.batch[row].position, qkv);
    }
  }

 private:
  void norm(float* q, float* k) const {
    if (!shape_.qk_norm) return;
    const Norm& norm = shape_.qk_norm->norm;
    const bool is_of_head = shape_.qk_norm->span == QueryKeyNorm::Span::kHead;
    const size_t n_q = is_of_head ? shape_.n_heads : 1;
    apply_norm(norm, weights_.q_norm, q, n_q, shape_.q_rows() / n_q, q);
    if (k == nullptr) return;
    const size_t n_k = is_of_head ? shape_.n_kv_heads : 1;
    apply_norm(norm, weights_.k_norm, k, n_k, shape_.kv_rows() / n_k, k);
  }

  void turn(const Rope& rope, float* heads, size_t n_heads, const float* cos,
            const float* sin) const {
    const auto rotate =
        rope.pairing == Rope::Pairing::kHalf ? rotate_half_f32_simd : rotate_pairs_f32_simd;
    rotate(heads, n_heads, shape_.head_dim, rope.dims / 2, cos, sin,
           rope.is_reversed ? -1.0F : 1.0F);
  }

  void scale_query(const QueryScaling& scaling, size_t position, float* q) const {
    const size_t n_contexts = position / scaling.original_context_length;
    const double factor = 1 + scaling.beta * std::log(1 + static_cast<double>(n_contexts));
    scale_f32_simd(q, shape_.q_rows(), static_cast<float>(factor));
  }

  const Attention& shape_;
  const AttentionWeights& weights_;
};

// Of a row of the product: queries as they meet the keys, and keys and values in the sequence,
// unless they are those of another layer.
void prepare_row(const Pass& pass, size_t layer, size_t kind, size_t row, const Attention& shape,
                 const QueriesKeys& queries_keys) {
  float* const qkv = pass.activations().mixer_in + row * shape.qkv_rows();
  float* const k = qkv + shape.k_begin();
  float* v = k + shape.kv_rows();
  if (shape.values_are_keys) {
    v = pass.activations().mixed + row * shape.q_rows();  // no heads' output is there yet
    std::copy_n(k, shape.kv_rows(), v);
  }
  queries_keys.prepare(pass, kind, row, qkv);
  if (shape.shared_keys) return;
  if (shape.v_norm) {
    apply_norm(*shape.v_norm, NormWeights(), v, shape.n_kv_heads, shape.head_dim, v);
  }
  pass.batch[row].sequence->write(layer, pass.batch[row].position, k, v);
}

// What a thread takes at a time: some rows of one sequence, and some heads.
struct Unit {
  size_t row;
  size_t n_rows;
  size_t head_begin;
  size_t head_end;
};

// Rows of one sequence that stand together attend together: many rows of one head, or, of few rows,
// as many heads as make a fair share for each thread.
std::vector<Unit> units_of(std::span<const BatchRow> batch, size_t n_heads, size_t n_threads) {
  const size_t fair_share = (n_heads + n_threads - 1) / n_threads;
  std::vector<Unit> units;
  for (size_t begin = 0, end = 0; begin < batch.size(); begin = end) {
    while (end < batch.size() && batch[end].sequence == batch[begin].sequence) ++end;
    const size_t n_rows = std::min(end - begin, kAttentionPairs);
    const size_t n_heads_at_once = std::min(fair_share, kAttentionPairs / n_rows);
    for (size_t row = begin; row < end; row += n_rows) {
      for (size_t head = 0; head < n_heads; head += n_heads_at_once) {
        units.push_back(
            {row, std::min(n_rows, end - row), head, std::min(head + n_heads_at_once, n_heads)});
      }
    }
  }
  return units;
}

void attend(const Pass& pass, size_t layer, const Attention& shape) {
  const std::span<const BatchRow> batch = pass.batch;
  const Activations& activations = pass.activations();
  const AttentionShape kernel_shape = shape.kernel_shape();
  const auto units = units_of(batch, shape.n_heads, pass.pool().n_threads());
  pass.pool().parallel_for(units.size(), 1, [&](size_t first, size_t last, size_t thread) {
    for (const Unit& unit : std::span(units).subspan(first, last - first)) {
      const SequenceState& sequence = *batch[unit.row].sequence;
      const AttentionKernel kernel =
          sequence.type() == KvType::kF32 ? attention_f32_simd : attention_int8_simd;
      kernel(kernel_shape, sequence.keys_values(layer),
             {
                 .q = activations.mixer_in + unit.row * shape.qkv_rows(),
                 .q_stride = shape.qkv_rows(),
                 .n_rows = unit.n_rows,
                 .first_position = batch[unit.row].position,
                 .head_begin = unit.head_begin,
                 .head_end = unit.head_end,
                 .out = activations.mixed + unit.row * shape.q_rows(),
                 .scratch = pass.space().scratch_of(thread),
             });
    }
  });
}

}  // namespace

void mix_attention(const Pass& pass, size_t layer, size_t kind, const Attention& shape,
                   const AttentionWeights& w) {
  const Activations& activations = pass.activations();
  const size_t stride = shape.qkv_rows();
  w.qkv.apply(activations.normed, pass.rows(), activations.mixer_in, pass.space());
  const QueriesKeys queries_keys(shape, w);
  pass.for_rows([&](size_t first, size_t n) {
    add_bias_f32_simd(activations.mixer_in + first * stride, n, stride, w.qkv.bias.data());
    for (size_t row = first; row < first + n; ++row) {
      prepare_row(pass, layer, kind, row, shape, queries_keys);
    }
  });
  attend(pass, layer, shape);
  for (const Tap& tap : pass.taps) {
    tap_attention(pass.config, tap, layer, *pass.batch[tap.row_begin].sequence,
                  activations.mixer_in);
  }
  if (shape.has_gate) {
    pass.for_rows([&](size_t first, size_t n) {
      for (size_t row = first; row < first + n; ++row) {
        const float* const gate = activations.mixer_in + row * stride + shape.q_rows();
        float* const mixed = activations.mixed + row * shape.q_rows();
        gate_f32_simd(Activation::kSigmoid, gate, mixed, shape.q_rows(), mixed);
      }
    });
  }
  w.output.apply(activations.mixed, pass.rows(), activations.projected, pass.space());
}

}  // namespace sotto
