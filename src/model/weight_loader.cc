#include "model/weight_loader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "kernels/convert_to_f32.h"
#include "kernels/linear/dequantize_blocks.h"
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
template <typename T>
Status grow(Buffer<T>* buffer, uint64_t size) {
  if (buffer->size() >= size) return {};
  *buffer = Buffer<T>();
  auto larger = Buffer<T>::create(size, "loading");
  if (!larger.is_ok()) return larger.error();
  *buffer = std::move(larger.value());
  return {};
}

Error bad_tensor(const std::string& name, const std::string& problem) {
  return {ErrorCode::kBadTensor, "tensor " + name + " " + problem};
}

}  // namespace

Result<WeightLoader> WeightLoader::create(const DecoderConfig& config, WeightType type,
                                          bool keeps_blocks, Weights* weights,
                                          LoadSizes* measured) {
  WeightLoader loader;
  loader.type_ = type;
  loader.keeps_blocks_ = keeps_blocks;
  loader.measured_ = measured;
  if (measured == nullptr) {
    auto staging = Buffer<uint8_t>::create(kStagingBytes, "loading");
    if (!staging.is_ok()) return staging.error();
    loader.staging_ = std::move(staging.value());
  }

  for_each_weight_slot(config, weights, [&](const WeightSlot& slot) {
    loader.order_.push_back(slot.name);
    loader.slots_.emplace(slot.name, Slot{slot});
  });
  return loader;
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
  if (slot.is_turned && rows != slot_rows) {
    return bad_tensor(request.name, "must come whole.");
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

// What no request may ask for, whatever the slot.
Status WeightLoader::check_regroup(const TensorRequest& request) const {
  if (!request.regroup) return {};
  const auto [parts, rest] = *request.regroup;
  const bool is_possible = parts > 0 && rest > 0 && parts <= request.rows &&
                           rest <= request.rows / parts && request.rows % (parts * rest) == 0 &&
                           !request.is_transposed;
  if (is_possible) return {};
  return bad_tensor(request.name, "cannot be regrouped: its " + std::to_string(request.rows) +
                                      " rows are no whole groups.");
}

Result<WeightLoader::Slot*> WeightLoader::find(const std::string& name) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) return bad_tensor(name, "is none of this model's.");
  return &found->second;
}

Result<WeightLoader::Slot*> WeightLoader::find_by_rows(const std::string& name) {
  auto slot = find(name);
  if (!slot.is_ok()) return slot.error();
  if (slot.value()->by_rows == nullptr) {
    return bad_tensor(name, "is not read by rows, and must be in memory.");
  }
  return slot.value();
}

// What a file's line must hold; line_columns: of it.
Status WeightLoader::check_blocks(const TensorRequest& request, int64_t line_columns) const {
  const auto unit_columns = static_cast<int64_t>(request.type.unit_columns());
  if (!request.type.blocks) return {};
  if (!request.is_transposed && line_columns % unit_columns == 0) return {};
  return bad_tensor(request.name, "cannot be in blocks of " + std::to_string(unit_columns) +
                                      " values: its rows are no whole blocks.");
}

Status WeightLoader::keep_outside(const TensorRequest& request, std::unique_ptr<RowReader> reader) {
  SOTTO_CHECK(slot_ == nullptr && measured_ == nullptr);
  auto slot = find_by_rows(request.name);
  if (!slot.is_ok()) return slot.error();
  SOTTO_RETURN_IF_ERROR(check_request(request, *slot.value()));
  SOTTO_RETURN_IF_ERROR(check_blocks(request, request.columns));
  const bool is_whole = static_cast<size_t>(request.rows) == slot.value()->rows;
  if (!is_whole || request.is_transposed || request.regroup) {
    return bad_tensor(request.name, "must come whole, row by row, to stay in its file.");
  }
  slot.value()->by_rows->leave_outside(request.type, std::move(reader));
  slot.value()->filled.emplace_back(0, slot.value()->rows);
  return {};
}

Status WeightLoader::measure_outside(const std::string& name) {
  auto slot = find_by_rows(name);
  if (!slot.is_ok()) return slot.error();
  slot.value()->filled.emplace_back(0, slot.value()->rows);
  return {};
}

Status WeightLoader::begin(const TensorRequest& request) {
  SOTTO_CHECK(slot_ == nullptr);
  auto found = find(request.name);
  if (!found.is_ok()) return found.error();
  Slot& slot = *found.value();
  SOTTO_RETURN_IF_ERROR(check_request(request, slot));
  SOTTO_RETURN_IF_ERROR(check_regroup(request));
  // A vector is one line of a file, whatever it is here.
  const bool is_vector = slot.table != nullptr && request.columns == 1;
  const int64_t n_lines = is_vector ? 1 : request.rows;
  const int64_t line_columns = is_vector ? request.rows : request.columns;
  SOTTO_RETURN_IF_ERROR(check_blocks(request, line_columns));

  slot_ = &slot;
  current_ = request;
  part_rows_ = static_cast<size_t>(request.is_transposed ? request.columns : request.rows);
  n_lines_ = static_cast<size_t>(n_lines);
  line_units_ = static_cast<size_t>(line_columns) / request.type.unit_columns();
  n_units_ = uint64_t{n_lines_} * line_units_;
  n_written_ = 0;
  block_begin_ = 0;
  matrix_ = nullptr;
  const Status status = slot_->table != nullptr ? reserve_table() : reserve_part();
  if (!status.is_ok()) give_up();
  return status;
}

Status WeightLoader::reserve_table() {
  Table& table = *slot_->table;
  const uint64_t size = uint64_t{slot_->rows} * slot_->columns;
  if (measured_ != nullptr) {
    if (slot_->filled.empty()) measured_->tables += size * sizeof(float);
    return {};
  }
  if (table.values.size() > 0) return {};
  auto values = Buffer<float>::create(size, "weights");
  if (!values.is_ok()) return values.error();
  table.values = std::move(values.value());
  table.rows = slot_->is_turned ? slot_->columns : slot_->rows;
  table.columns = slot_->is_turned ? slot_->rows : slot_->columns;
  return {};
}

Status WeightLoader::reserve_part() {
  const WeightType type = part_type();
  if (measured_ == nullptr) {
    auto matrix =
        slot_->linear->add_part(static_cast<size_t>(current_.row_offset), part_rows_, type);
    if (!matrix.is_ok()) return matrix.error();
    matrix_ = matrix.value();
  } else if (type != WeightType::kF32) {
    measured_->matrices[static_cast<size_t>(type)] +=
        PanelMatrix::bytes_for(part_rows_, slot_->columns, type);
  }
  unit_bytes_ =
      waits_as_blocks() ? current_.type.unit_bytes() : current_.type.unit_columns() * sizeof(float);
  return reserve_block();
}

WeightType WeightLoader::part_type() const {
  if (slot_->table != nullptr) return WeightType::kF32;
  const auto& blocks = current_.type.blocks;
  if (blocks && keeps_blocks_) return traits_of(*blocks).kept_as;
  // Most of a model may be what tokens read a row of, and one row is little to be precise about.
  return slot_->by_rows != nullptr && type_ != WeightType::kF32 ? WeightType::kQ4 : type_;
}

// Sizes block_ for the next rows of a matrix.
Status WeightLoader::reserve_block() {
  block_filled_ = 0;
  const size_t left = n_lines_ - block_begin_;
  if (current_.is_transposed) {
    block_lines_ = is_f32() ? left : std::min(kBlockColumns, left);
  } else {
    // Whole panels: the last block takes what would be left over.
    const size_t step = rows_of_block();
    block_lines_ = left < step + kPackedPanelRows ? left : step;
  }
  return grow_block(uint64_t{block_lines_} * line_units_ * unit_bytes_);
}

Status WeightLoader::grow_block(uint64_t bytes) {
  if (measured_ == nullptr) return grow(&block_, bytes);
  measured_->block = std::max(measured_->block, bytes);
  return {};
}

Status WeightLoader::grow_strip(uint64_t floats) {
  if (measured_ == nullptr) return grow(&strip_, floats);
  measured_->strip = std::max(measured_->strip, floats * sizeof(float));
  return {};
}

// Of a matrix with this slot's columns, in blocks of kBlockBytes.
size_t WeightLoader::rows_of_block() const {
  return std::max(kBlockBytes / (slot_->columns * sizeof(float)), kPackedPanelRows);
}

Status WeightLoader::flush_block() {
  SOTTO_RETURN_IF_ERROR(named(take_block()));
  block_begin_ += block_lines_;
  return block_begin_ < n_lines_ ? reserve_block() : Status();
}

// Gives the block to the part's matrix.
Status WeightLoader::take_block() {
  if (current_.is_transposed) {
    if (is_f32()) return add_transposed();
    if (measured_ != nullptr) return {};
    return std::get_if<PanelMatrix>(matrix_)->add_columns(
        0, part_rows_, block_begin_, block_lines_, reinterpret_cast<const float*>(block_.data()));
  }
  if (!current_.regroup) return take_rows(block_begin_, block_lines_, block_.data());
  // Stretches of `rest` rows stay together.
  const auto parts = static_cast<size_t>(current_.regroup->parts);
  const auto rest = static_cast<size_t>(current_.regroup->rest);
  const size_t n = n_lines_ / parts / rest;
  for (size_t line = block_begin_; line < block_begin_ + block_lines_;) {
    const size_t in_rest = line % rest;
    const size_t count = std::min(rest - in_rest, block_begin_ + block_lines_ - line);
    const size_t stretch = line / rest % parts * n + line / rest / parts;
    const uint8_t* const in = block_.data() + (line - block_begin_) * line_units_ * unit_bytes_;
    SOTTO_RETURN_IF_ERROR(take_rows(stretch * rest + in_rest, count, in));
    line += count;
  }
  return {};
}

Status WeightLoader::take_rows(size_t row, size_t n_rows, const uint8_t* in) {
  const auto* const weights = reinterpret_cast<const float*>(in);
  if (is_f32()) return take_packed(row, n_rows, weights);
  if (measured_ != nullptr) return {};
  auto* const panels = std::get_if<PanelMatrix>(matrix_);
  const auto& blocks = current_.type.blocks;
  return blocks ? panels->add_blocks(row, n_rows, *blocks, in)
                : panels->add_rows(row, n_rows, weights);
}

Status WeightLoader::take_packed(size_t row, size_t n_rows, const float* weights) {
  if (measured_ == nullptr) {
    return std::get_if<PackedMatrix>(matrix_)->add_rows(row, n_rows, weights);
  }
  const PackedMatrix::Sizes sizes = PackedMatrix::sizes_of(n_rows, slot_->columns);
  measured_->matrices[static_cast<size_t>(WeightType::kF32)] += sizes.weights;
  measured_->around += sizes.around;
  return {};
}

// block_ holds the whole part as [columns, rows]: its rows are gathered strip by strip.
Status WeightLoader::add_transposed() {
  const size_t columns = slot_->columns;
  const size_t step = rows_of_block();
  SOTTO_RETURN_IF_ERROR(
      grow_strip(uint64_t{std::min(step + kPackedPanelRows, part_rows_)} * columns));
  const auto* const block = reinterpret_cast<const float*>(block_.data());
  for (size_t begin = 0; begin < part_rows_;) {
    const size_t left = part_rows_ - begin;
    const size_t n = left < step + kPackedPanelRows ? left : step;
    if (measured_ == nullptr) {
      transpose_f32_simd(block + begin, columns, n, part_rows_, strip_.data());
    }
    SOTTO_RETURN_IF_ERROR(take_packed(begin, n, strip_.data()));
    begin += n;
  }
  return {};
}

// Forgets what has come of the tensor, which may be given again.
void WeightLoader::give_up() {
  if (slot_->linear != nullptr) {
    slot_->linear->drop_part(static_cast<size_t>(current_.row_offset));
  }
  slot_ = nullptr;
}

// What the matrix refuses, with the tensor's name.
Status WeightLoader::named(const Status& status) const {
  if (status.is_ok() || status.error().code != ErrorCode::kNotFinite) return status;
  return Error{ErrorCode::kNotFinite, "tensor " + current_.name + " " + status.error().message};
}

Status WeightLoader::write(size_t bytes) {
  SOTTO_CHECK(slot_ != nullptr && bytes <= kStagingBytes);
  const Status status = consume(bytes);
  if (!status.is_ok()) give_up();
  return status;
}

Status WeightLoader::consume(size_t bytes) {
  const size_t file_bytes = current_.type.unit_bytes();
  size_t count = bytes / file_bytes;
  if (count * file_bytes != bytes || count > n_units_ - n_written_) {
    return bad_tensor(current_.name, "got more bytes than its shape holds.");
  }
  const uint8_t* in = staging_.data();
  if (slot_->table != nullptr) {
    float* const out = slot_->table->values.data() + current_.row_offset * slot_->columns;
    SOTTO_RETURN_IF_ERROR(named(widen(in, count, out + n_written_ * current_.type.unit_columns())));
    n_written_ += count;
    return {};
  }
  while (count > 0) {
    const size_t block_size = block_lines_ * line_units_;
    const size_t n = std::min(count, block_size - block_filled_);
    uint8_t* const out = block_.data() + block_filled_ * unit_bytes_;
    if (waits_as_blocks()) {
      std::memcpy(out, in, n * file_bytes);
    } else {
      SOTTO_RETURN_IF_ERROR(named(widen(in, n, reinterpret_cast<float*>(out))));
    }
    in += n * file_bytes;
    count -= n;
    n_written_ += n;
    block_filled_ += n;
    if (block_filled_ == block_size) SOTTO_RETURN_IF_ERROR(flush_block());
  }
  return {};
}

Status WeightLoader::measure(const TensorRequest& request) {
  SOTTO_RETURN_IF_ERROR(begin(request));
  while (slot_->linear != nullptr && block_begin_ < n_lines_) SOTTO_RETURN_IF_ERROR(flush_block());
  n_written_ = n_units_;
  return end();
}

Status WeightLoader::measure_others() {
  for (const std::string& name : order_) {
    const Slot& slot = slots_.at(name);
    if (!slot.filled.empty()) continue;
    TensorRequest whole;
    whole.name = name;
    whole.rows = static_cast<int64_t>(slot.rows);
    whole.columns = static_cast<int64_t>(slot.columns);
    SOTTO_RETURN_IF_ERROR(measure(whole));
  }
  return {};
}

// Units of the file as f32.
Status WeightLoader::widen(const uint8_t* in, size_t n_units, float* out) {
  const auto& blocks = current_.type.blocks;
  if (!blocks) {
    convert_to_f32(in, current_.type.dtype, n_units, out);
  } else if (!dequantize_blocks(*blocks, in, n_units, out)) {
    return Error{ErrorCode::kNotFinite, "holds NaN or infinity. Load other weights."};
  }
  return {};
}

Status WeightLoader::end() {
  SOTTO_CHECK(slot_ != nullptr);
  if (n_written_ != n_units_) {
    give_up();
    return bad_tensor(current_.name, "ended after " + std::to_string(n_written_) + " of " +
                                         std::to_string(n_units_) + " elements or blocks.");
  }
  if (slot_->table != nullptr) SOTTO_RETURN_IF_ERROR(place_table());
  slot_->filled.emplace_back(current_.row_offset, current_.row_offset + part_rows_);
  slot_ = nullptr;
  return {};
}

// Brings the rows of a table that came in the file's order into the engine's.
Status WeightLoader::place_table() {
  const bool is_turned = slot_->is_turned;
  if (!is_turned && !current_.regroup) return {};
  const size_t size = part_rows_ * slot_->columns;
  SOTTO_RETURN_IF_ERROR(grow_strip(size));
  if (measured_ != nullptr) return {};
  float* const values = slot_->table->values.data() + current_.row_offset * slot_->columns;
  std::copy_n(values, size, strip_.data());
  if (is_turned) {
    transpose_f32_simd(strip_.data(), slot_->rows, slot_->columns, slot_->columns, values);
    return {};
  }
  const auto parts = static_cast<size_t>(current_.regroup->parts);
  const size_t stretch = static_cast<size_t>(current_.regroup->rest) * slot_->columns;
  const size_t n = size / stretch / parts;
  for (size_t i = 0; i < n * parts; ++i) {
    std::copy_n(strip_.data() + i * stretch, stretch,
                values + (i % parts * n + i / parts) * stretch);
  }
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
