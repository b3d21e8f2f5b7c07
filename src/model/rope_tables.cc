#include "model/rope_tables.h"

#include "kernels/rope_row.h"

namespace sotto {

RopeTables::RopeTables(const DecoderConfig& config) {
  for (const LayerKind& kind : config.kinds) {
    entry_of_kind_.push_back(entries_.size());
    const Attention* const attention = kind.attention();
    if (attention == nullptr || !attention->rope) continue;
    const Rope& rope = *attention->rope;
    entries_.push_back({static_cast<size_t>(rope.dims), rope_frequencies(rope, false),
                        rope_frequencies(rope, true), nullptr});
  }
}

void RopeTables::lay_out(Arena& arena) {
  for (Entry& entry : entries_) {
    entry.table = arena.take<float>(uint64_t{kMostBatchRows} * entry.dims);
  }
}

void RopeTables::fill(std::span<const BatchRow> batch, ThreadPool& pool) const {
  for (const Entry& entry : entries_) {
    const size_t n_pairs = entry.dims / 2;
    pool.parallel_for(batch.size(), 1, [&](size_t begin, size_t end, size_t) {
      for (size_t row = begin; row < end; ++row) {
        const auto& frequencies =
            batch[row].sequence->uses_long_factors() ? entry.long_frequencies : entry.frequencies;
        float* const cos = entry.table + row * entry.dims;
        rope_row(frequencies.values.data(), n_pairs, batch[row].position,
                 frequencies.attention_factor, cos, cos + n_pairs);
      }
    });
  }
}

}  // namespace sotto
