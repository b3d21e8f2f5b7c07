#include "model/matrix.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {

Status Matrix::add_block(size_t row_begin, size_t n_rows, const float* weights,
                         WeightLayout layout) {
  auto linear = PackedLinear::pack(weights, n_rows, columns_, layout, /*y_stride=*/rows_);
  if (!linear.is_ok()) return linear.error();
  const auto place =
      std::upper_bound(blocks_.begin(), blocks_.end(), row_begin,
                       [](size_t begin, const Block& block) { return begin < block.row_begin; });
  blocks_.insert(place, Block{row_begin, n_rows, std::move(linear.value())});
  return {};
}

void Matrix::multiply(const float* x, size_t n_x_rows, float* y) const {
  for (const Block& block : blocks_) block.linear.multiply(x, n_x_rows, y + block.row_begin);
}

void Matrix::read_row(size_t row, float* out) const {
  const auto next =
      std::upper_bound(blocks_.begin(), blocks_.end(), row,
                       [](size_t wanted, const Block& block) { return wanted < block.row_begin; });
  SOTTO_CHECK(next != blocks_.begin());
  const Block& block = *(next - 1);
  block.linear.read_row(row - block.row_begin, out);
}

size_t Matrix::bytes() const {
  size_t total = 0;
  for (const Block& block : blocks_) total += block.linear.bytes();
  return total;
}

}  // namespace sotto
