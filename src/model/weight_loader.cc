#include "model/weight_loader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "kernels/convert_to_f32.h"
#include "kernels/transpose_f32_simd.h"

namespace sotto {
namespace {

// Rows go to their matrix in blocks of about this many bytes.
constexpr size_t kBlockBytes = size_t{1} << 20;

std::string shape_text(uint64_t rows, uint64_t columns) {
  return columns == 1 ? "[" + std::to_string(rows) + "]"
                      : "[" + std::to_string(rows) + ", " + std::to_string(columns) + "]";
}

// Makes the buffer at least `size` large, without its contents.
Status grow(Buffer<float>* buffer, size_t size) {
  if (buffer->size() >= size) return {};
  *buffer = Buffer<float>();
  auto larger = Buffer<float>::create(size, "loading");
  if (!larger.is_ok()) return larger.error();
  *buffer = std::move(larger.value());
  return {};
}

Error bad_tensor(const std::string& name, const std::string& problem) {
  return {ErrorCode::kBadTensor, "tensor " + name + " " + problem};
}

}  // namespace

Result<WeightLoader> WeightLoader::create(const DecoderConfig& config, WeightType type,
                                          Weights* weights) {
  WeightLoader loader;
  loader.type_ = type;
  auto staging = Buffer<uint8_t>::create(kStagingBytes, "loading");
  if (!staging.is_ok()) return staging.error();
  loader.staging_ = std::move(staging.value());

  const size_t hidden = config.hidden_size;
  loader.add_matrix("token_embedding.weight", &weights->token_embedding, config.vocab_size, hidden);
  loader.add_table("position_embedding.weight", &weights->position_embedding, config.context_length,
                   hidden);
  weights->layers.resize(config.n_layers);
  for (int32_t layer = 0; layer < config.n_layers; ++layer) {
    LayerWeights& w = weights->layers[layer];
    const std::string prefix = "layers." + std::to_string(layer) + ".";
    loader.add_norm(prefix + "attention_norm", &w.attention_norm, hidden);
    loader.add_linear(prefix + "attention.qkv", &w.qkv, config.qkv_rows(), hidden);
    loader.add_linear(prefix + "attention.output", &w.output, hidden, config.q_rows());
    loader.add_norm(prefix + "mlp_norm", &w.mlp_norm, hidden);
    loader.add_linear(prefix + "mlp.up", &w.up, config.intermediate_size, hidden);
    loader.add_linear(prefix + "mlp.down", &w.down, hidden, config.intermediate_size);
  }
  loader.add_norm("final_norm", &weights->final_norm, hidden);
  if (!config.has_tied_head)
    loader.add_matrix("head.weight", &weights->head, config.vocab_size, hidden);
  return loader;
}

void WeightLoader::add_matrix(const std::string& name, Matrix* matrix, size_t rows,
                              size_t columns) {
  *matrix = Matrix(rows, columns, type_);
  slots_[name] = {.matrix = matrix, .rows = rows, .columns = columns};
  order_.push_back(name);
}

void WeightLoader::add_table(const std::string& name, Table* table, size_t rows, size_t columns) {
  table->rows = rows;
  table->columns = columns;
  slots_[name] = {.table = table, .rows = rows, .columns = columns};
  order_.push_back(name);
}

void WeightLoader::add_norm(const std::string& name, NormWeights* norm, size_t size) {
  add_table(name + ".weight", &norm->weight, size, 1);
  add_table(name + ".bias", &norm->bias, size, 1);
}

void WeightLoader::add_linear(const std::string& name, LinearWeights* linear, size_t rows,
                              size_t columns) {
  add_matrix(name + ".weight", &linear->weight, rows, columns);
  add_table(name + ".bias", &linear->bias, rows, 1);
}

Status WeightLoader::check_request(const TensorRequest& request, const Slot& slot) const {
  const int64_t rows = request.is_transposed ? request.columns : request.rows;
  const int64_t columns = request.is_transposed ? request.rows : request.columns;
  const auto slot_rows = static_cast<int64_t>(slot.rows);
  if (rows <= 0 || columns != static_cast<int64_t>(slot.columns) || request.row_offset < 0 ||
      request.row_offset > slot_rows || rows > slot_rows - request.row_offset) {
    return bad_tensor(request.name, "has the shape " + shape_text(rows, columns) + " at row " +
                                        std::to_string(request.row_offset) +
                                        "; the configuration asks for " +
                                        shape_text(slot.rows, slot.columns) + ".");
  }
  const auto begin = static_cast<size_t>(request.row_offset);
  const size_t end = begin + static_cast<size_t>(rows);
  for (const auto& [filled_begin, filled_end] : slot.filled) {
    if (begin < filled_end && filled_begin < end) {
      return bad_tensor(request.name, "was given twice.");
    }
  }
  return {};
}

Status WeightLoader::begin(const TensorRequest& request) {
  SOTTO_CHECK(slot_ == nullptr);
  const auto found = slots_.find(request.name);
  if (found == slots_.end()) return bad_tensor(request.name, "is none of this model's.");
  SOTTO_RETURN_IF_ERROR(check_request(request, found->second));

  slot_ = &found->second;
  current_ = request;
  part_rows_ = static_cast<size_t>(request.is_transposed ? request.columns : request.rows);
  n_lines_ = static_cast<size_t>(request.rows);
  line_size_ = static_cast<size_t>(request.columns);
  n_elements_ = n_lines_ * line_size_;
  n_written_ = 0;
  block_begin_ = 0;
  const Status status = reserve_block();
  if (!status.is_ok()) slot_ = nullptr;
  return status;
}

// Sizes block_ for the next rows of a matrix, or a table's own memory.
Status WeightLoader::reserve_block() {
  block_filled_ = 0;
  if (slot_->table != nullptr) {
    Table& table = *slot_->table;
    if (table.values.size() > 0) return {};
    auto values = Buffer<float>::create(table.rows * table.columns, "weights");
    if (!values.is_ok()) return values.error();
    table.values = std::move(values.value());
    return {};
  }
  const size_t left = n_lines_ - block_begin_;
  if (current_.is_transposed) {
    block_lines_ = type_ == WeightType::kF32 ? left : std::min(kBlockColumns, left);
  } else {
    // No block so low that f32 rows could not be read back: the last one takes what would be left
    // over.
    const size_t step = rows_of_block();
    block_lines_ = left < step + kReadableRows ? left : step;
  }
  return grow(&block_, block_lines_ * line_size_);
}

// Of a matrix with this slot's columns, in blocks of kBlockBytes.
size_t WeightLoader::rows_of_block() const {
  return std::max(kBlockBytes / (slot_->columns * sizeof(float)), kReadableRows);
}

Status WeightLoader::flush_block() {
  SOTTO_RETURN_IF_ERROR(take_block(static_cast<size_t>(current_.row_offset)));
  block_begin_ += block_lines_;
  return block_begin_ < n_lines_ ? reserve_block() : Status();
}

// Gives the block to the matrix, whose rows from `row_offset` on the tensor fills.
Status WeightLoader::take_block(size_t row_offset) {
  if (!current_.is_transposed) {
    return named(slot_->matrix->add_rows(row_offset + block_begin_, block_lines_, block_.data()));
  }
  if (type_ == WeightType::kF32) return add_transposed(row_offset);
  return named(slot_->matrix->add_columns(row_offset, part_rows_, block_begin_, block_lines_,
                                          block_.data()));
}

// block_ holds the whole part as [columns, rows]: its rows are gathered strip by strip.
Status WeightLoader::add_transposed(size_t row_offset) {
  const size_t columns = slot_->columns;
  const size_t step = rows_of_block();
  SOTTO_RETURN_IF_ERROR(grow(&strip_, std::min(step + kReadableRows, part_rows_) * columns));
  for (size_t begin = 0; begin < part_rows_;) {
    const size_t left = part_rows_ - begin;
    const size_t n = left < step + kReadableRows ? left : step;
    transpose_f32_simd(block_.data() + begin, columns, n, part_rows_, strip_.data());
    SOTTO_RETURN_IF_ERROR(slot_->matrix->add_rows(row_offset + begin, n, strip_.data()));
    begin += n;
  }
  return {};
}

// What the matrix refuses, with the tensor's name.
Status WeightLoader::named(const Status& status) const {
  if (status.is_ok() || status.error().code != ErrorCode::kNotFinite) return status;
  return Error{ErrorCode::kNotFinite, "tensor " + current_.name + " " + status.error().message};
}

Status WeightLoader::write(size_t bytes) {
  SOTTO_CHECK(slot_ != nullptr && bytes <= kStagingBytes);
  const Status status = consume(bytes);
  if (!status.is_ok()) slot_ = nullptr;
  return status;
}

Status WeightLoader::consume(size_t bytes) {
  const size_t element_bytes = dtype_bytes(current_.dtype);
  size_t count = bytes / element_bytes;
  if (count * element_bytes != bytes || count > n_elements_ - n_written_) {
    return bad_tensor(current_.name, "got more bytes than its shape holds.");
  }
  const uint8_t* in = staging_.data();
  if (slot_->table != nullptr) {
    float* const out = slot_->table->values.data() + current_.row_offset * slot_->columns;
    convert_to_f32(in, current_.dtype, count, out + n_written_);
    n_written_ += count;
    return {};
  }
  while (count > 0) {
    const size_t block_size = block_lines_ * line_size_;
    const size_t n = std::min(count, block_size - block_filled_);
    convert_to_f32(in, current_.dtype, n, block_.data() + block_filled_);
    in += n * element_bytes;
    count -= n;
    n_written_ += n;
    block_filled_ += n;
    if (block_filled_ == block_size) SOTTO_RETURN_IF_ERROR(flush_block());
  }
  return {};
}

Status WeightLoader::end() {
  SOTTO_CHECK(slot_ != nullptr);
  Slot* const slot = std::exchange(slot_, nullptr);
  if (n_written_ != n_elements_) {
    return bad_tensor(current_.name, "ended after " + std::to_string(n_written_) + " of " +
                                         std::to_string(n_elements_) + " elements.");
  }
  slot->filled.emplace_back(current_.row_offset, current_.row_offset + part_rows_);
  return {};
}

Status WeightLoader::finish() {
  SOTTO_CHECK(slot_ == nullptr);
  for (const std::string& name : order_) {
    const Slot& slot = slots_.at(name);
    size_t filled_rows = 0;
    for (const auto& [begin, end] : slot.filled) filled_rows += end - begin;
    if (filled_rows == slot.rows) continue;
    const std::string problem =
        filled_rows == 0 ? " is missing."
                         : " is incomplete: " + std::to_string(filled_rows) + " rows came.";
    return Error{ErrorCode::kMissingTensor,
                 "tensor " + name + " " + shape_text(slot.rows, slot.columns) + problem};
  }
  return {};
}

}  // namespace sotto
