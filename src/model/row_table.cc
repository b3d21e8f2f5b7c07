#include "model/row_table.h"

#include <string>

#include "kernels/convert_to_f32.h"
#include "kernels/linear/dequantize_blocks.h"

namespace sotto {

Status RowTable::read_row(size_t row, float* out) const {
  if (reader_ == nullptr) {
    kept.read_row(row, out);
    return {};
  }
  auto bytes = reader_->read(row);
  if (!bytes.is_ok()) return bytes.error();
  const size_t n_units = kept.columns() / type_.unit_columns();
  if (!type_.blocks) {
    convert_to_f32(bytes.value(), type_.dtype, n_units, out);
  } else if (!dequantize_blocks(*type_.blocks, bytes.value(), n_units, out)) {
    return Error{ErrorCode::kUnreadable,
                 "row " + std::to_string(row) + " of the inputs per layer holds NaN or infinity."};
  }
  return {};
}

}  // namespace sotto
