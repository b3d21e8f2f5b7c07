// Quantised weights [rows, columns] in panels of rows: tensor/weight_type.h draws them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/memory.h"
#include "base/result.h"
#include "kernels/linear/panel_kernel.h"
#include "tensor/block_format.h"
#include "tensor/weight_type.h"

namespace sotto {

class PanelMatrix {
 public:
  // kOutOfMemory
  static Result<PanelMatrix> create(size_t rows, size_t columns, WeightType type);

  size_t rows() const { return rows_; }
  WeightType type() const { return type_; }

  // Quantises rows [row_begin, row_begin + n_rows) from `weights`: [n_rows, columns], in any order
  // and number. kNotFinite for weights that the type cannot hold.
  Status add_rows(size_t row_begin, size_t n_rows, const float* weights) {
    return add_part(row_begin, n_rows, 0, columns_, weights);
  }
  // The same for columns [column_begin, column_begin + n_columns), one block or the last columns,
  // of these rows. weights: [n_columns, n_rows].
  Status add_columns(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                     const float* weights);
  // Takes rows as the blocks of a file, whose columns are whole blocks: unchanged in value where
  // the type can hold it. kNotFinite.
  Status add_blocks(size_t row_begin, size_t n_rows, BlockFormat format, const uint8_t* blocks);

  size_t n_panels() const { return panels_for(rows_); }
  size_t panel_bytes() const { return weight_blocks_for(type_, columns_) * block_bytes(type_); }
  // y = x W^T for the rows of panels [begin, end). y: [n_x_rows, y_stride].
  void multiply(const PanelKernel& kernel, size_t begin, size_t end, const QuantizedRows& x,
                size_t n_x_rows, float* y, size_t y_stride, uint8_t* scratch) const;

  // out: [columns]
  void read_row(size_t row, float* out) const;

  size_t bytes() const { return panels_.size(); }
  // The same before there is one.
  static uint64_t bytes_for(size_t rows, size_t columns, WeightType type) {
    return uint64_t{panels_for(rows)} * weight_blocks_for(type, columns) * block_bytes(type);
  }

 private:
  PanelMatrix(size_t rows, size_t columns, WeightType type, Buffer<uint8_t> panels)
      : rows_(rows), columns_(columns), type_(type), panels_(std::move(panels)) {}
  Status add_part(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                  const float* weights);
  uint8_t* panel_of(size_t row) { return panels_.data() + row / kPanelRows * panel_bytes(); }
  const uint8_t* panel_of(size_t row) const {
    return panels_.data() + row / kPanelRows * panel_bytes();
  }

  size_t rows_;
  size_t columns_;
  WeightType type_;
  Buffer<uint8_t> panels_;  // [n_panels(), panel_bytes()]
};

}  // namespace sotto
