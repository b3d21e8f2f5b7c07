// Takes a model's tensors as they stream in, in any order, and packs or quantises them row block by
// row block: no tensor is held whole but for those that come transposed and stay f32, and no file
// ever is.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "model/weight_slots.h"
#include "tensor/file_type.h"

namespace sotto {

// The rows of a file's tensor are [n, parts, rest] for an n that follows; the engine's are [parts,
// n, rest].
struct Regroup {
  int64_t parts = 1;
  int64_t rest = 0;
};

// One tensor of a file, on its way into (a part of) one tensor of the engine.
struct TensorRequest {
  std::string name;  // the engine's name, as in weight_slots.cc
  FileType type;
  int64_t rows = 0;  // as stored in the file; a vector of n has n rows and 1 column
  int64_t columns = 0;
  bool is_transposed = false;  // stored [in, out], wanted [out, in]
  int64_t row_offset = 0;      // the engine tensor's first row that this fills
  std::optional<Regroup> regroup;
};

// What loading takes, in bytes.
struct LoadSizes {
  std::array<uint64_t, std::size(kWeightTypeTraits)> matrices = {};  // by the types of weights
  uint64_t tables = 0;
  uint64_t around = 0;  // what stands around the matrices
  uint64_t block = 0;   // the loader's own buffers, at their largest
  uint64_t strip = 0;
};

class WeightLoader {
 public:
  // `weights` receives the tensors and must outlive the loader. Tensors of elements become weights
  // of `type`; those of blocks, too, or they become what keeps them (block_formats.inc). The config
  // was validated. One that is given `measured` allocates nothing, and takes no tensor but in
  // measure(), which adds to it.
  static Result<WeightLoader> create(const DecoderConfig& config, WeightType type,
                                     bool keeps_blocks, Weights* weights,
                                     LoadSizes* measured = nullptr);

  // What begin() to end() of a tensor would take.
  Status measure(const TensorRequest& request);
  // What tensors would take that were not measured, if they came whole, as elements.
  Status measure_others();

  // Announces a tensor; kBadTensor, with what was expected, when it does not belong here or stands
  // there already.
  Status begin(const TensorRequest& request);
  // Elements or blocks go here first, staging_bytes() at most, then write() takes that many bytes:
  // whole ones in file order. A tensor that failed is over, and may begin again.
  uint8_t* staging() { return staging_.data(); }
  size_t staging_bytes() const {
    return kStagingBytes / current_.type.unit_bytes() * current_.type.unit_bytes();
  }
  Status write(size_t bytes);
  // Instead of begin() to end(): a tensor that nothing but rows are read of stays where it is.
  // kBadTensor for others, and as begin().
  Status keep_outside(const TensorRequest& request, std::unique_ptr<RowReader> reader);
  // What measure() would say of it: nothing. kBadTensor.
  Status measure_outside(const std::string& name);
  // Of what the tensor since begin() becomes; kF32 for one that no product reads.
  WeightType part_type() const;
  // kBadTensor when elements are missing.
  Status end();
  // kMissingTensor, naming the first one, when the model is not complete.
  Status finish();

  static constexpr size_t kStagingBytes = size_t{1} << 20;

 private:
  struct Slot : WeightSlot {
    // [row begin, row end) of the parts that have arrived
    std::vector<std::pair<size_t, size_t>> filled = {};
  };

  WeightLoader() = default;
  Result<Slot*> find(const std::string& name);
  Result<Slot*> find_by_rows(const std::string& name);
  Status check_request(const TensorRequest& request, const Slot& slot) const;
  Status check_blocks(const TensorRequest& request, int64_t line_columns) const;
  Status check_regroup(const TensorRequest& request) const;
  Status reserve_table();
  Status reserve_part();
  Status reserve_block();
  Status grow_block(uint64_t bytes);
  Status grow_strip(uint64_t floats);
  Status consume(size_t bytes);
  Status flush_block();
  Status take_block();
  Status take_rows(size_t row, size_t n_rows, const uint8_t* in);
  Status take_packed(size_t row, size_t n_rows, const float* weights);
  Status add_transposed();
  Status place_table();
  void give_up();
  size_t rows_of_block() const;
  // Whether what comes waits for its matrix as blocks, else as f32.
  bool waits_as_blocks() const { return current_.type.blocks && !is_f32(); }
  Status widen(const uint8_t* in, size_t n_units, float* out);
  bool is_f32() const { return part_type() == WeightType::kF32; }
  Status named(const Status& status) const;

  WeightType type_ = WeightType::kF32;
  bool keeps_blocks_ = true;
  LoadSizes* measured_ = nullptr;
  std::unordered_map<std::string, Slot> slots_;
  std::vector<std::string>
      order_;                // of the names, so that finish() reports the first that is missing
  Buffer<uint8_t> staging_;  // [kStagingBytes]
  Buffer<uint8_t> block_;    // what waits for its matrix: f32 [block_lines_, line_size_], or blocks
  Buffer<float> strip_;      // some rows of a transposed block, [rows, columns]

  // The tensor between begin() and end().
  TensorRequest current_;
  Slot* slot_ = nullptr;
  Linear::Matrix* matrix_ = nullptr;  // the part that it fills, of a linear map
  size_t part_rows_ = 0;              // in the engine's orientation
  uint64_t n_units_ = 0;              // elements, or blocks, of the whole tensor
  uint64_t n_written_ = 0;
  size_t n_lines_ = 0;       // rows as the file has them: columns of the matrix when transposed
  size_t line_units_ = 0;    // of each
  size_t unit_bytes_ = 0;    // as they wait in block_
  size_t block_lines_ = 0;   // of the block being filled
  size_t block_begin_ = 0;   // its first line
  size_t block_filled_ = 0;  // units in it
};

}  // namespace sotto
