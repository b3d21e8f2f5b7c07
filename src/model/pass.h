// What a forward pass hands to its parts.
#pragma once

#include <algorithm>
#include <array>
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

  // Calls body(row, n, part) for the rows of each sequence, which stand together, and for each of
  // `n_parts` of what is done for them, side by side.
  template <typename Body>
  void for_sequence_parts(size_t n_parts, const Body& body) const {
    std::array<size_t, kMostBatchRows + 1> begins;  // of the sequences' rows
    size_t n_sequences = 0;
    for (size_t row = 0; row < rows(); ++row) {
      const bool is_first = row == 0 || batch[row].sequence != batch[row - 1].sequence;
      if (is_first) begins[n_sequences++] = row;
    }
    begins[n_sequences] = rows();
    pool().parallel_for(n_sequences * n_parts, 1, [&](size_t begin, size_t end, size_t) {
      for (size_t unit = begin; unit < end; ++unit) {
        const size_t sequence = unit / n_parts;
        const size_t row = begins[sequence];
        body(row, begins[sequence + 1] - row, unit % n_parts);
      }
    });
  }

  // Calls body(row, n, column, column_end) for the rows of each sequence and columns [0, width),
  // some at a time.
  template <typename Body>
  void for_sequence_segments(size_t width, const Body& body) const {
    // Of one row, a shared loop costs as much as some thousand channels.
    const size_t segment = rows() == 1 ? 2048 : 256;
    for_sequence_parts((width + segment - 1) / segment, [&](size_t row, size_t n, size_t part) {
      body(row, n, part * segment, std::min((part + 1) * segment, width));
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
