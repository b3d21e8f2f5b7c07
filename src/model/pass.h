// What a forward pass hands to its parts.
#pragma once

#include <algorithm>
#include <span>

#include "model/batch.h"
#include "model/taps.h"
#include "model/workspace.h"

namespace sotto {

struct Pass {
  const DecoderConfig& config;
  std::span<const BatchRow> batch;
  const Workspace& workspace;
  std::span<const Tap> taps;

  size_t rows() const { return batch.size(); }
  const Activations& activations() const { return workspace.activations(); }
  const ProductSpace& space() const { return workspace.product_space(); }
  ThreadPool& pool() const { return *space().pool; }

  // Calls body(row, n) for what each row needs between two products, a few rows at a time.
  template <typename Body>
  void for_rows(const Body& body) const {
    constexpr size_t kChunkRows = 4;
    const size_t chunk = std::clamp(rows() / pool().n_threads(), size_t{1}, kChunkRows);
    pool().parallel_for(rows(), chunk,
                        [&](size_t begin, size_t end, size_t) { body(begin, end - begin); });
  }

  // Calls body(row, n) for the rows of each sequence, which stand together.
  template <typename Body>
  void for_sequences(const Body& body) const {
    const auto is_first = [this](size_t row) {
      return row == 0 || batch[row].sequence != batch[row - 1].sequence;
    };
    pool().parallel_for(rows(), 1, [&](size_t begin, size_t end, size_t) {
      for (size_t row = begin; row < end; ++row) {
        if (!is_first(row)) continue;
        size_t n = 1;
        while (row + n < rows() && !is_first(row + n)) ++n;
        body(row, n);
      }
    });
  }

  // Calls body(row, column, n) for columns [0, width) of each row: one row is wide enough to be
  // shared out.
  template <typename Body>
  void for_segments(size_t width, const Body& body) const {
    constexpr size_t kSegment = 768;
    const size_t n_segments = (width + kSegment - 1) / kSegment;
    const size_t chunk = rows() == 1 ? 1 : n_segments;
    pool().parallel_for(rows() * n_segments, chunk, [&](size_t begin, size_t end, size_t) {
      for (size_t unit = begin; unit < end; ++unit) {
        const size_t column = unit % n_segments * kSegment;
        body(unit / n_segments, column, std::min(kSegment, width - column));
      }
    });
  }
};

}  // namespace sotto
