// Activations, and the room and the threads of products, made once and used again by every pass.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/memory.h"
#include "base/result.h"
#include "model/batch.h"
#include "model/product_space.h"
#include "model/rope_tables.h"

namespace sotto {

// What a pass computes on its way; row i of each tensor belongs to row i of the batch. Of widths
// that differ between kinds of layers, the widest has room.
struct Activations {
  float* hidden;        // [kMostBatchRows, hidden], the residual stream
  float* normed;        // [kMostBatchRows, hidden], what a mixer or an MLP reads
  float* mixer_in;      // [kMostBatchRows, rows of its first product], which that makes
  float* mixed;         // [kMostBatchRows, columns of its last product], which that reads
  float* projected;     // [kMostBatchRows, hidden], what it adds to the residual stream
  float* inner;         // [kMostBatchRows, up_rows], and room for what is as wide
  float* activated;     // [kMostBatchRows, intermediate], of gated MLPs
  float* layer_inputs;  // [kMostBatchRows, n_layers, width], where layers have inputs of their own
  float* streams;       // [kMostBatchRows, n_streams - 1, hidden], beside `hidden`
  float* predicted;     // [kMostBatchRows, hidden], what several streams predict of `hidden`
};

class Workspace {
 public:
  // `pool` outlives the workspace. kOutOfMemory.
  static Result<Workspace> create(const DecoderConfig& config, ThreadPool& pool);
  // What it takes, in bytes.
  static uint64_t bytes_for(const DecoderConfig& config, ThreadPool& pool);
  const Activations& activations() const { return activations_; }
  const ProductSpace& product_space() const { return product_space_; }
  const RopeTables& ropes() const { return ropes_; }

 private:
  // Of an arena that only measures, the workspace is none.
  static Workspace in(const DecoderConfig& config, ThreadPool& pool, Arena& arena);

  Activations activations_ = {};
  ProductSpace product_space_ = {};
  RopeTables ropes_;
  Buffer<uint8_t> block_;
};

}  // namespace sotto
