// A linear map [rows, columns] of a model: parts of consecutive rows, each with its own weight
// type, as the tensors of the file have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/packed_matrix.h"
#include "model/panel_matrix.h"
#include "model/product_space.h"
#include "model/table.h"

namespace sotto {

class Linear {
 public:
  Linear() = default;
  Linear(size_t rows, size_t columns) : rows_(rows), columns_(columns) {}

  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }

  // Rows [row_begin, row_begin + matrix.rows()) of the output. Parts come in any order, and have
  // their weights before the first apply().
  using Matrix = std::variant<PackedMatrix, PanelMatrix>;
  // The part's matrix, to be filled, until the next part is added. kOutOfMemory.
  Result<Matrix*> add_part(size_t row_begin, size_t n_rows, WeightType type);
  // Takes the part that begins there back, if there is one.
  void drop_part(size_t row_begin);

  // y = x W^T, without the bias, which what follows adds. x: [n_x_rows, columns]; y: [n_x_rows,
  // rows]. A row of y has the same bits whatever rows are beside it, however many threads there
  // are, and whichever parts the rows come in. An adapter of low rank would be added here.
  void apply(const float* x, size_t n_x_rows, float* y, const ProductSpace& space) const;

  // out: [columns]
  void read_row(size_t row, float* out) const;

  size_t bytes() const;
  size_t bytes_of_type(WeightType type) const;  // without the bias

  Table bias;  // [rows, 1], or empty

 private:
  struct Part {
    size_t row_begin;
    Matrix matrix;
    WeightType type() const {
      const auto* const panels = std::get_if<PanelMatrix>(&matrix);
      return panels == nullptr ? WeightType::kF32 : panels->type();
    }
  };
  using Parts = std::span<const Part>;
  void apply_packed(Parts parts, const float* x, size_t n_x_rows, float* y,
                    const ProductSpace& space) const;
  void apply_panels(Parts parts, const float* x, size_t n_x_rows, float* y,
                    const ProductSpace& space) const;

  size_t rows_ = 0;
  size_t columns_ = 0;
  std::vector<Part> parts_;  // ascending row_begin
};

}  // namespace sotto
