#include "model/matrix.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"
#include "kernels/linear/panel_kernel.h"
#include "kernels/linear/quantize_weights.h"
#include "kernels/transpose_f32_simd.h"

namespace sotto {
namespace {

// Of f32 weights in one operator of XNNPACK: small enough to share a matrix out among threads,
// large enough that calling it costs nothing beside it.
constexpr size_t kPackedBytes = size_t{256} << 10;

// Of quantised weights that a thread takes at a time, at most. Each chunk begins a stretch of
// memory anew, which costs: smaller ones reach less of the memory's speed. But a loop should have a
// few for each thread, so that one that is late does not hold up the others.
constexpr size_t kChunkBytes = size_t{256} << 10;
constexpr size_t kChunksPerThread = 4;
constexpr size_t kChunksPerThreadOfManyRows = 8;  // whose time is work, not memory

// Rows of x that a thread quantises at a time.
constexpr size_t kChunkRows = 4;

}  // namespace

Status Matrix::add_rows(size_t row_begin, size_t n_rows, const float* weights) {
  return type_ == WeightType::kF32 ? add_packed(row_begin, n_rows, weights)
                                   : add_quantized(row_begin, n_rows, 0, columns_, weights);
}

Status Matrix::add_columns(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                           const float* weights) {
  SOTTO_CHECK(type_ != WeightType::kF32 && n_columns <= kBlockColumns);
  constexpr size_t kRows = 64;
  float rows[kRows * kBlockColumns];
  for (size_t begin = 0; begin < n_rows; begin += kRows) {
    const size_t n = std::min(kRows, n_rows - begin);
    transpose_f32_simd(weights + begin, n_columns, n, /*in_stride=*/n_rows, rows);
    SOTTO_RETURN_IF_ERROR(add_quantized(row_begin + begin, n, column_begin, n_columns, rows));
  }
  return {};
}

// Whole panels, and no block too low to be read back: the last one takes what would be left over.
Status Matrix::add_packed(size_t row_begin, size_t n_rows, const float* weights) {
  const size_t step =
      std::max(kPackedBytes / (columns_ * sizeof(float)) / kReadableRows, size_t{1}) *
      kReadableRows;
  while (n_rows > 0) {
    const size_t n = n_rows < step + kReadableRows ? n_rows : step;
    auto linear = PackedLinear::pack(weights, n, columns_, /*y_stride=*/rows_);
    if (!linear.is_ok()) return linear.error();
    const auto place =
        std::upper_bound(blocks_.begin(), blocks_.end(), row_begin,
                         [](size_t begin, const Block& block) { return begin < block.row_begin; });
    blocks_.insert(place, Block{row_begin, n, std::move(linear.value())});
    row_begin += n;
    n_rows -= n;
    weights += n * columns_;
  }
  return {};
}

Status Matrix::reserve_panels() {
  if (panels_.size() > 0) return {};
  auto panels = Buffer<uint8_t>::create(panels_for(rows_) * panel_bytes(), "weights");
  if (!panels.is_ok()) return panels.error();
  panels_ = std::move(panels.value());
  std::memset(panels_.data(), 0, panels_.size());
  return {};
}

// weights: [n_rows, n_columns]
Status Matrix::add_quantized(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                             const float* weights) {
  SOTTO_CHECK(column_begin % kBlockColumns == 0);
  SOTTO_RETURN_IF_ERROR(reserve_panels());
  const size_t first_block = column_begin / kBlockColumns * block_bytes(type_);
  for (size_t row = row_begin; row < row_begin + n_rows; ++row, weights += n_columns) {
    uint8_t* const blocks = panels_.data() + row / kPanelRows * panel_bytes() + first_block;
    if (quantize_weight_row(type_, weights, n_columns, row % kPanelRows, blocks)) continue;
    return Error{ErrorCode::kNotFinite,
                 "holds NaN, infinity or numbers too large to quantise in row " +
                     std::to_string(row) + ". Load other weights, or these with weights: 'f32'."};
  }
  return {};
}

void Matrix::multiply(const float* x, size_t n_x_rows, float* y, const ProductSpace& space) const {
  type_ == WeightType::kF32 ? multiply_packed(x, n_x_rows, y, space)
                            : multiply_quantized(x, n_x_rows, y, space);
}

void Matrix::multiply_packed(const float* x, size_t n_x_rows, float* y,
                             const ProductSpace& space) const {
  space.pool->parallel_for(blocks_.size(), 1, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin; i < end; ++i) {
      blocks_[i].linear.multiply(x, n_x_rows, y + blocks_[i].row_begin);
    }
  });
}

void Matrix::multiply_quantized(const float* x, size_t n_x_rows, float* y,
                                const ProductSpace& space) const {
  const PanelKernel& kernel = panel_kernel_for(type_, n_x_rows);
  QuantizedRows rows = space.rows;
  rows.n_blocks = blocks_for(columns_);
  space.pool->parallel_for(n_x_rows, kChunkRows, [&](size_t begin, size_t end, size_t) {
    for (size_t row = begin; row < end; ++row) {
      quantize_row(x, row, columns_, most_activation(type_), kernel.layout, rows);
    }
  });
  const size_t n_chunks =
      space.pool->n_threads() * (n_x_rows == 1 ? kChunksPerThread : kChunksPerThreadOfManyRows);
  const size_t chunk = std::clamp(panels_for(rows_) / n_chunks, size_t{1},
                                  std::max(kChunkBytes / panel_bytes(), size_t{1}));
  space.pool->parallel_for(panels_for(rows_), chunk, [&](size_t begin, size_t end, size_t thread) {
    for (size_t panel = begin; panel < end; ++panel) {
      const size_t row = panel * kPanelRows;
      kernel.multiply({
          .panel = panels_.data() + panel * panel_bytes(),
          .x = rows,
          .n_x_rows = n_x_rows,
          .y = y + row,
          .y_stride = rows_,
          .n_y = std::min(kPanelRows, rows_ - row),
          .scratch = space.scratch_of(thread),
      });
    }
  });
}

void Matrix::read_row(size_t row, float* out) const {
  if (type_ != WeightType::kF32) {
    const uint8_t* const panel = panels_.data() + row / kPanelRows * panel_bytes();
    dequantize_weight_row(type_, panel, columns_, row % kPanelRows, out);
    return;
  }
  const auto next =
      std::upper_bound(blocks_.begin(), blocks_.end(), row,
                       [](size_t wanted, const Block& block) { return wanted < block.row_begin; });
  SOTTO_CHECK(next != blocks_.begin());
  const Block& block = *(next - 1);
  block.linear.read_row(row - block.row_begin, out);
}

size_t Matrix::bytes() const {
  size_t total = panels_.size();
  for (const Block& block : blocks_) total += block.linear.bytes();
  return total;
}

}  // namespace sotto
