// The forward pass of every architecture: one decoder, read top to bottom in decoder.cc.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/memory.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/kv_cache.h"
#include "model/taps.h"
#include "model/weights.h"

namespace sotto {

constexpr size_t kMostBatchRows = 128;  // of one forward pass

// One token of one sequence. A prefill chunk, one decode step and several sequences at once are all
// batches of these.
struct BatchRow {
  int32_t token;
  size_t position;
  KvCache* sequence;
  bool wants_logits;
};

// What a pass computes on its way; row i of each tensor belongs to row i of the batch.
struct Activations {
  float* hidden;     // [kMostBatchRows, hidden], the residual stream
  float* normed;     // [kMostBatchRows, hidden]
  float* qkv;        // [kMostBatchRows, qkv_rows]
  float* attended;   // [kMostBatchRows, n_heads * head_dim]
  float* projected;  // [kMostBatchRows, hidden]
  float* inner;      // [kMostBatchRows, intermediate]
};

// Activations, and the room and the threads of products, made once and used again by every pass.
class Workspace {
 public:
  // `pool` outlives the workspace.
  static Result<Workspace> create(const DecoderConfig& config, ThreadPool& pool);
  const Activations& activations() const { return activations_; }
  const ProductSpace& product_space() const { return product_space_; }

 private:
  Activations activations_ = {};
  ProductSpace product_space_ = {};
  Buffer<uint8_t> block_;
};

// Runs `batch` (at most kMostBatchRows rows; a sequence's rows in ascending consecutive positions
// from its length on, reserved beforehand) through the decoder, and appends each row's keys and
// values to its sequence, whose length the caller then advances. `logits`: [rows that want logits,
// vocab], in batch order. `taps`: what else is kept of the pass, most often nothing.
//
// A row's logits depend on its own sequence alone, never on the rows beside it: every reduction has
// one order.
void forward(const DecoderConfig& config, const Weights& weights, std::span<const BatchRow> batch,
             const Workspace& workspace, float* logits, std::span<const Tap> taps = {});

}  // namespace sotto
