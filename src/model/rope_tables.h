// cos and sin of each row of a batch, for each kind of layer that turns its queries and keys.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/thread_pool.h"
#include "model/batch.h"
#include "model/rope_frequencies.h"

namespace sotto {

class RopeTables {
 public:
  RopeTables() = default;
  explicit RopeTables(const DecoderConfig& config);

  void lay_out(Arena& arena);

  // Before the layers of a pass read them.
  void fill(std::span<const BatchRow> batch, ThreadPool& pool) const;

  // Of a row of the batch: [dims / 2], for a kind of layer that has a rope.
  const float* cos(size_t kind, size_t row) const { return table_of(kind) + row * stride_of(kind); }
  const float* sin(size_t kind, size_t row) const { return cos(kind, row) + stride_of(kind) / 2; }

 private:
  struct Entry {
    size_t dims;
    RopeFrequencies frequencies;
    RopeFrequencies long_frequencies;  // of sequences longer than the original context
    float* table;                      // [kMostBatchRows, cos then sin: 2, dims / 2]
  };

  float* table_of(size_t kind) const { return entries_[entry_of_kind_[kind]].table; }
  size_t stride_of(size_t kind) const { return entries_[entry_of_kind_[kind]].dims; }

  std::vector<Entry> entries_;
  std::vector<size_t> entry_of_kind_;  // of kinds without a rope: none of entries_
};

}  // namespace sotto
