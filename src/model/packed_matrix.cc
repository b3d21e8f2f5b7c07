#include "model/packed_matrix.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

// Of weights in one operator of XNNPACK: small enough to share a matrix out among threads, large
// enough that calling it costs nothing beside it.
constexpr size_t kPackedBytes = size_t{256} << 10;

// Of the first block of so many: whole panels; the last block takes what would be left over.
size_t rows_of_block(size_t n_rows, size_t columns) {
  const size_t step =
      std::max(kPackedBytes / (columns * sizeof(float)) / kPackedPanelRows, size_t{1}) *
      kPackedPanelRows;
  return n_rows < step + kPackedPanelRows ? n_rows : step;
}

}  // namespace

Status PackedMatrix::add_rows(size_t row_begin, size_t n_rows, const float* weights) {
  while (n_rows > 0) {
    const size_t n = rows_of_block(n_rows, columns_);
    auto linear = PackedLinear::pack(weights, n, columns_, y_stride_);
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

void PackedMatrix::multiply(size_t block, const float* x, size_t n_x_rows, float* y) const {
  blocks_[block].linear.multiply(x, n_x_rows, y + blocks_[block].row_begin);
}

void PackedMatrix::read_row(size_t row, float* out) const {
  const auto next =
      std::upper_bound(blocks_.begin(), blocks_.end(), row,
                       [](size_t wanted, const Block& block) { return wanted < block.row_begin; });
  SOTTO_CHECK(next != blocks_.begin());
  const Block& block = *(next - 1);
  block.linear.read_row(row - block.row_begin, out);
}

PackedMatrix::Sizes PackedMatrix::sizes_of(size_t n_rows, size_t columns) {
  Sizes sizes;
  while (n_rows > 0) {
    const size_t n = rows_of_block(n_rows, columns);
    sizes.weights += PackedLinear::bytes_for(n, columns);
    sizes.around += PackedLinear::kOperatorBytes + sizeof(Block);
    n_rows -= n;
  }
  return sizes;
}

size_t PackedMatrix::bytes() const {
  size_t total = 0;
  for (const Block& block : blocks_) total += block.linear.bytes();
  return total;
}

}  // namespace sotto
