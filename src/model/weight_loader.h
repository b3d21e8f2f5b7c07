// Takes a model's tensors as they stream in, in any order, and packs or quantises them row block by
// row block: no tensor is held whole but for those that come transposed and stay f32, and no file
// ever is.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "model/weights.h"
#include "tensor/dtype.h"

namespace sotto {

// One tensor of a file, on its way into (a part of) one tensor of the engine.
struct TensorRequest {
  std::string name;  // the engine's name, as in weight_loader.cc
  DType dtype = DType::kF32;
  int64_t rows = 0;  // as stored in the file; a vector of n has n rows and 1 column
  int64_t columns = 0;
  bool is_transposed = false;  // stored [in, out], wanted [out, in]
  int64_t row_offset = 0;      // the engine tensor's first row that this fills
};

class WeightLoader {
 public:
  // `weights` receives the tensors and must outlive the loader. Both sizes were validated.
  static Result<WeightLoader> create(const DecoderConfig& config, WeightType type,
                                     Weights* weights);

  // Announces a tensor; kBadTensor, with what was expected, when it does not belong here or stands
  // there already.
  Status begin(const TensorRequest& request);
  // Elements go here first, kStagingBytes at most, then write() takes that many bytes: whole
  // elements in file order. A tensor that failed is over: the model cannot be completed any more.
  uint8_t* staging() { return staging_.data(); }
  Status write(size_t bytes);
  // kBadTensor when elements are missing.
  Status end();
  // kMissingTensor, naming the first one, when the model is not complete.
  Status finish();

  static constexpr size_t kStagingBytes = size_t{1} << 20;

 private:
  // Where a named tensor goes: exactly one of matrix and table is set.
  struct Slot {
    Matrix* matrix = nullptr;
    Table* table = nullptr;
    size_t rows = 0;
    size_t columns = 0;
    std::vector<std::pair<size_t, size_t>> filled =
        {};  // [row begin, row end) of the parts that have arrived
  };

  WeightLoader() = default;
  void add_matrix(const std::string& name, Matrix* matrix, size_t rows, size_t columns);
  void add_table(const std::string& name, Table* table, size_t rows, size_t columns);
  void add_norm(const std::string& name, NormWeights* norm, size_t size);
  void add_linear(const std::string& name, LinearWeights* linear, size_t rows, size_t columns);
  Status check_request(const TensorRequest& request, const Slot& slot) const;
  Status consume(size_t bytes);
  Status reserve_block();
  size_t rows_of_block() const;
  Status flush_block();
  Status take_block(size_t row_offset);
  Status add_transposed(size_t row_offset);
  Status named(const Status& status) const;

  WeightType type_ = WeightType::kF32;
  std::unordered_map<std::string, Slot> slots_;
  std::vector<std::string>
      order_;                // of the names, so that finish() reports the first that is missing
  Buffer<uint8_t> staging_;  // [kStagingBytes]
  Buffer<float> block_;      // [block_lines_, line_size_]: what waits for its matrix
  Buffer<float> strip_;      // some rows of a transposed block, [rows, columns]

  // The tensor between begin() and end().
  TensorRequest current_;
  Slot* slot_ = nullptr;
  size_t part_rows_ = 0;   // in the engine's orientation
  size_t n_elements_ = 0;  // of the whole tensor
  size_t n_written_ = 0;
  size_t n_lines_ = 0;       // rows as the file has them: columns of the matrix when transposed
  size_t line_size_ = 0;     // elements of each
  size_t block_lines_ = 0;   // of the block being filled
  size_t block_begin_ = 0;   // its first line
  size_t block_filled_ = 0;  // elements in it
};

}  // namespace sotto
