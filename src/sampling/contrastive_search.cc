#include "sampling/contrastive_search.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/math.h"
#include "kernels/reduce_f32x4.h"
#include "sampling/choosable.h"
#include "sampling/softmax.h"

namespace sotto {
namespace {

constexpr size_t kRowsInBlock = 64;
constexpr const char* kContext = "contrastive search's context";  // in words
constexpr size_t kRowsAtOnce = 4;  // candidates that share a load of the context

size_t round_up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// most[i] = max(most[i], rows[i] . x) for kRowsAtOnce rows of `stride` floats, a multiple of 4.
// Each product is summed in the four lanes of one vector, in ascending order.
void raise_to_products(const float* x, const float* rows, size_t stride, float* most) {
  v128_t sums[kRowsAtOnce];
  for (auto& sum : sums) sum = wasm_f32x4_const_splat(0);
  for (size_t i = 0; i < stride; i += 4) {
    const v128_t x_i = wasm_v128_load(x + i);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < kRowsAtOnce; ++row) {
      sums[row] =
          wasm_f32x4_add(sums[row], wasm_f32x4_mul(wasm_v128_load(rows + row * stride + i), x_i));
    }
  }
  for (size_t row = 0; row < kRowsAtOnce; ++row) {
    most[row] = std::max(most[row], sum_f32x4(sums[row]));
  }
}

}  // namespace

ContrastiveSearch::ContrastiveSearch(double penalty_alpha, size_t top_k, size_t hidden_size)
    : penalty_alpha_(penalty_alpha),
      top_k_(top_k),
      hidden_size_(hidden_size),
      row_stride_(round_up(hidden_size, 4)) {
  SOTTO_CHECK(top_k >= 1 && hidden_size >= 1);
}

// row = hidden / |hidden|, or zeros, which are like nothing. The squares are summed in double
// precision, where no f32 overflows.
Status ContrastiveSearch::normalize(std::span<const float> hidden, float* row) const {
  double squares = 0;
  for (const float x : hidden) squares += static_cast<double>(x) * x;
  if (!(squares < std::numeric_limits<double>::infinity())) return not_finite("hidden states");
  const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
  std::fill(row, row + row_stride_, 0.0F);
  for (size_t i = 0; i < hidden.size(); ++i) row[i] = static_cast<float>(hidden[i] * scale);
  return {};
}

// That the list of blocks may grow by; tokens come in passes, each of a few blocks.
size_t ContrastiveSearch::list_bytes() const {
  return 2 * (context_.size() + kRowsInBlock) * sizeof(Buffer<float>);
}

Status ContrastiveSearch::add_row(const float* row) {
  const size_t index = n_context_ % kRowsInBlock;
  if (index == 0 && n_context_ / kRowsInBlock == context_.size()) {
    auto block = Buffer<float>::create(uint64_t{kRowsInBlock} * row_stride_, kContext);
    if (!block.is_ok()) return block.error();
    context_.push_back(std::move(block.value()));
  }
  std::memcpy(context_.back().data() + index * row_stride_, row, row_stride_ * sizeof(float));
  ++n_context_;
  return {};
}

Status ContrastiveSearch::add_context(std::span<const float> hidden) {
  SOTTO_CHECK(hidden.size() % hidden_size_ == 0);
  SOTTO_RETURN_IF_ERROR(ensure_headroom(row_stride_ * sizeof(float) + list_bytes(), kContext));
  std::vector<float> row(row_stride_);
  for (size_t begin = 0; begin < hidden.size(); begin += hidden_size_) {
    SOTTO_RETURN_IF_ERROR(normalize(hidden.subspan(begin, hidden_size_), row.data()));
    SOTTO_RETURN_IF_ERROR(add_row(row.data()));
  }
  return {};
}

Result<std::span<const int32_t>> ContrastiveSearch::candidates(std::span<const float> logits) {
  auto largest = largest_of_model(logits);
  if (!largest.is_ok()) return largest.error();
  const float max = largest.value();
  const double sum = sum_of_exp(logits, max);
  const size_t k = std::min(top_k_, logits.size());
  // A heap of entries, then the lists of what is kept of them; each may double while it grows.
  constexpr size_t kBytes = sizeof(LargestEntries::Entry) + sizeof(int32_t) + sizeof(double);
  SOTTO_RETURN_IF_ERROR(ensure_headroom(3 * k * kBytes, "the candidates"));
  largest_.start(k);
  largest_.add_row(logits, 0, 0);
  tokens_.clear();
  probabilities_.clear();
  for (const auto& entry : largest_.sorted()) {
    tokens_.push_back(entry.column);
    probabilities_.push_back(exp_f32(entry.value - max) / sum);
  }
  return std::span<const int32_t>(tokens_);
}

// similarities[i] = the largest cosine of candidate i and a state of the context, -1 without one.
void ContrastiveSearch::most_alike(std::vector<float>& similarities) const {
  similarities.assign(round_up(tokens_.size(), kRowsAtOnce), -1);
  for (size_t j = 0; j < n_context_; ++j) {
    const float* const state = context_[j / kRowsInBlock].data() + j % kRowsInBlock * row_stride_;
    for (size_t i = 0; i < similarities.size(); i += kRowsAtOnce) {
      raise_to_products(state, candidate_rows_.data() + i * row_stride_, row_stride_,
                        similarities.data() + i);
    }
  }
}

Result<size_t> ContrastiveSearch::choose(std::span<const float> candidate_hidden) {
  SOTTO_CHECK(!tokens_.empty() && candidate_hidden.size() == tokens_.size() * hidden_size_);
  const size_t n_rows = round_up(tokens_.size(), kRowsAtOnce);
  const size_t n_floats = n_rows * row_stride_;
  SOTTO_RETURN_IF_ERROR(ensure_headroom(2 * n_rows * sizeof(float) + list_bytes(), kContext));
  if (candidate_rows_.size() < n_floats) {
    auto rows = Buffer<float>::create(n_floats, "contrastive search's candidates");
    if (!rows.is_ok()) return rows.error();
    candidate_rows_ = std::move(rows.value());
  }
  float* const rows = candidate_rows_.data();
  std::fill(rows, rows + n_floats, 0.0F);
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const auto hidden = candidate_hidden.subspan(i * hidden_size_, hidden_size_);
    SOTTO_RETURN_IF_ERROR(normalize(hidden, rows + i * row_stride_));
  }

  most_alike(similarities_);
  const auto score = [&](size_t i) {
    return (1 - penalty_alpha_) * probabilities_[i] - penalty_alpha_ * similarities_[i];
  };
  size_t best = 0;
  for (size_t i = 1; i < tokens_.size(); ++i) {
    if (score(i) > score(best)) best = i;
  }
  SOTTO_RETURN_IF_ERROR(add_row(rows + best * row_stride_));
  return best;
}

}  // namespace sotto
