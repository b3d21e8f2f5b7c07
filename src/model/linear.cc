#include "model/linear.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

// Of quantised weights that a thread takes at a time, at most. Each chunk begins a stretch of
// memory anew, which costs: smaller ones reach less of the memory's speed. But a loop should have a
// few for each thread, so that one that is late does not hold up the others.
constexpr size_t kChunkBytes = size_t{256} << 10;
constexpr size_t kChunksPerThread = 4;
constexpr size_t kChunksPerThreadOfManyRows = 8;  // whose time is work, not memory

// Rows of x that a thread quantises at a time.
constexpr size_t kChunkRows = 4;

// Of parts with size(part) units each, one behind the other: body(part, first, last) for the units
// of each part that are in [begin, end), counted within the part.
template <typename Size, typename Body>
void for_each_part_in(size_t begin, size_t end, size_t n_parts, const Size& size,
                      const Body& body) {
  size_t first = 0;
  for (size_t part = 0; part < n_parts && first < end; ++part) {
    const size_t last = first + size(part);
    if (begin < last) body(part, std::max(begin, first) - first, std::min(end, last) - first);
    first = last;
  }
}

}  // namespace

Result<Linear::Matrix*> Linear::add_part(size_t row_begin, size_t n_rows, WeightType type) {
  Part part = {row_begin, PackedMatrix(n_rows, columns_, /*y_stride=*/rows_)};
  if (type != WeightType::kF32) {
    auto panels = PanelMatrix::create(n_rows, columns_, type);
    if (!panels.is_ok()) return panels.error();
    part.matrix = std::move(panels.value());
  }
  const auto place =
      std::upper_bound(parts_.begin(), parts_.end(), row_begin,
                       [](size_t begin, const Part& other) { return begin < other.row_begin; });
  return &parts_.insert(place, std::move(part))->matrix;
}

void Linear::drop_part(size_t row_begin) {
  std::erase_if(parts_, [&](const Part& part) { return part.row_begin == row_begin; });
}

// Parts of one type that follow each other share a loop, and the activations that it quantises.
void Linear::apply(const float* x, size_t n_x_rows, float* y, const ProductSpace& space) const {
  for (auto begin = parts_.begin(); begin != parts_.end();) {
    const WeightType type = begin->type();
    const auto end =
        std::find_if(begin, parts_.end(), [&](const Part& part) { return part.type() != type; });
    const Parts run(begin, end);
    if (type == WeightType::kF32) {
      apply_packed(run, x, n_x_rows, y, space);
    } else {
      apply_panels(run, x, n_x_rows, y, space);
    }
    begin = end;
  }
}

void Linear::apply_packed(Parts parts, const float* x, size_t n_x_rows, float* y,
                          const ProductSpace& space) const {
  const auto matrix = [&](size_t part) -> const PackedMatrix& {
    return *std::get_if<PackedMatrix>(&parts[part].matrix);
  };
  const auto size = [&](size_t part) { return matrix(part).n_blocks(); };
  size_t n_blocks = 0;
  for (size_t part = 0; part < parts.size(); ++part) n_blocks += size(part);
  space.pool->parallel_for(n_blocks, 1, [&](size_t begin, size_t end, size_t) {
    for_each_part_in(begin, end, parts.size(), size, [&](size_t part, size_t first, size_t last) {
      for (size_t block = first; block < last; ++block) {
        matrix(part).multiply(block, x, n_x_rows, y + parts[part].row_begin);
      }
    });
  });
}

void Linear::apply_panels(Parts parts, const float* x, size_t n_x_rows, float* y,
                          const ProductSpace& space) const {
  const auto matrix = [&](size_t part) -> const PanelMatrix& {
    return *std::get_if<PanelMatrix>(&parts[part].matrix);
  };
  const WeightType type = matrix(0).type();
  const PanelKernel& kernel = panel_kernel_for(type, n_x_rows);
  QuantizedRows rows = space.rows;
  rows.n_blocks = blocks_for(columns_);
  space.pool->parallel_for(n_x_rows, kChunkRows, [&](size_t begin, size_t end, size_t) {
    for (size_t row = begin; row < end; ++row) {
      quantize_row(x, row, columns_, most_activation(type), kernel.layout, rows);
    }
  });
  const auto size = [&](size_t part) { return matrix(part).n_panels(); };
  size_t n_panels = 0;
  for (size_t part = 0; part < parts.size(); ++part) n_panels += size(part);
  const size_t n_chunks =
      space.pool->n_threads() * (n_x_rows == 1 ? kChunksPerThread : kChunksPerThreadOfManyRows);
  const size_t chunk = std::clamp(n_panels / n_chunks, size_t{1},
                                  std::max(kChunkBytes / matrix(0).panel_bytes(), size_t{1}));
  space.pool->parallel_for(n_panels, chunk, [&](size_t begin, size_t end, size_t thread) {
    for_each_part_in(begin, end, parts.size(), size, [&](size_t part, size_t first, size_t last) {
      matrix(part).multiply(kernel, first, last, rows, n_x_rows, y + parts[part].row_begin, rows_,
                            space.scratch_of(thread));
    });
  });
}

void Linear::read_row(size_t row, float* out) const {
  const auto next =
      std::upper_bound(parts_.begin(), parts_.end(), row,
                       [](size_t wanted, const Part& part) { return wanted < part.row_begin; });
  SOTTO_CHECK(next != parts_.begin());
  const Part& part = *(next - 1);
  std::visit([&](const auto& matrix) { matrix.read_row(row - part.row_begin, out); }, part.matrix);
}

size_t Linear::bytes_of_type(WeightType type) const {
  size_t total = 0;
  for (const Part& part : parts_) {
    if (part.type() != type) continue;
    total += std::visit([](const auto& matrix) { return matrix.bytes(); }, part.matrix);
  }
  return total;
}

size_t Linear::bytes() const {
  size_t total = bias.bytes();
  for (const Part& part : parts_) {
    total += std::visit([](const auto& matrix) { return matrix.bytes(); }, part.matrix);
  }
  return total;
}

}  // namespace sotto
