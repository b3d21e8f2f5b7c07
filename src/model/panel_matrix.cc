#include "model/panel_matrix.h"

#include <cstring>
#include <string>

#include "base/check.h"
#include "kernels/linear/quantize_weights.h"
#include "kernels/transpose_f32_simd.h"

namespace sotto {
namespace {

Error cannot_quantize(size_t row) {
  return {ErrorCode::kNotFinite, "holds NaN, infinity or numbers too large to quantise in row " +
                                     std::to_string(row) +
                                     ". Load other weights, or these with weights: 'f32'."};
}

}  // namespace

Result<PanelMatrix> PanelMatrix::create(size_t rows, size_t columns, WeightType type) {
  auto panels = Buffer<uint8_t>::create(bytes_for(rows, columns, type), "weights");
  if (!panels.is_ok()) return panels.error();
  // What no weight fills weighs 0.
  std::memset(panels.value().data(), 0, panels.value().size());
  return PanelMatrix(rows, columns, type, std::move(panels.value()));
}

Status PanelMatrix::add_columns(size_t row_begin, size_t n_rows, size_t column_begin,
                                size_t n_columns, const float* weights) {
  SOTTO_CHECK(n_columns <= kBlockColumns);
  constexpr size_t kRows = 64;
  float rows[kRows * kBlockColumns];
  for (size_t begin = 0; begin < n_rows; begin += kRows) {
    const size_t n = std::min(kRows, n_rows - begin);
    transpose_f32_simd(weights + begin, n_columns, n, /*in_stride=*/n_rows, rows);
    SOTTO_RETURN_IF_ERROR(add_part(row_begin + begin, n, column_begin, n_columns, rows));
  }
  return {};
}

// weights: [n_rows, n_columns]
Status PanelMatrix::add_part(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                             const float* weights) {
  SOTTO_CHECK(column_begin % kBlockColumns == 0);
  const size_t first_block = column_begin / kBlockColumns * block_bytes(type_);
  for (size_t row = row_begin; row < row_begin + n_rows; ++row, weights += n_columns) {
    uint8_t* const blocks = panel_of(row) + first_block;
    if (quantize_weight_row(type_, weights, n_columns, row % kPanelRows, blocks)) continue;
    return cannot_quantize(row);
  }
  return {};
}

Status PanelMatrix::add_blocks(size_t row_begin, size_t n_rows, BlockFormat format,
                               const uint8_t* blocks) {
  const size_t n_blocks = columns_ / traits_of(format).columns;
  const size_t row_bytes = n_blocks * traits_of(format).bytes;
  for (size_t row = row_begin; row < row_begin + n_rows; ++row, blocks += row_bytes) {
    uint8_t* const panel = panel_of(row);
    if (!is_native(format, type_)) {
      if (take_converted_blocks(type_, format, blocks, columns_, row % kPanelRows, panel)) continue;
      return cannot_quantize(row);
    }
    if (take_weight_blocks(type_, blocks, n_blocks, row % kPanelRows, panel)) continue;
    return Error{ErrorCode::kNotFinite,
                 "holds NaN or infinity in row " + std::to_string(row) + ". Load other weights."};
  }
  return {};
}

void PanelMatrix::multiply(const PanelKernel& kernel, size_t begin, size_t end,
                           const QuantizedRows& x, size_t n_x_rows, float* y, size_t y_stride,
                           uint8_t* scratch) const {
  const size_t bytes = panel_bytes();
  PanelProduct product = {
      .panel = panels_.data() + begin * bytes,
      .x = x,
      .n_x_rows = n_x_rows,
      .y = y + begin * kPanelRows,
      .y_stride = y_stride,
      .n_y = kPanelRows,
      .scratch = scratch,
  };
  for (size_t panel = begin; panel < end; ++panel) {
    product.n_y = std::min(kPanelRows, rows_ - panel * kPanelRows);
    kernel.multiply(product);
    product.panel += bytes;
    product.y += kPanelRows;
  }
}

void PanelMatrix::read_row(size_t row, float* out) const {
  dequantize_weight_row(type_, panel_of(row), columns_, row % kPanelRows, out);
}

}  // namespace sotto
