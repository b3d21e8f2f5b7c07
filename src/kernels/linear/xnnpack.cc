// The f32 product through XNNPACK, and the only file that knows it.
#include <xnnpack.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "base/memory.h"
#include "kernels/linear/packed_linear.h"

namespace sotto {
namespace {

// XNNPACK's f32 panels on 128-bit SIMD: 8 biases, then for each column the 8 rows' weights side by
// side.
constexpr size_t kPanelRows = kPackedPanelRows;

// XNNPACK may read this many bytes beyond what it packed.
constexpr size_t kOverread = XNN_EXTRA_BYTES;

void initialize_once() {
  static const xnn_status status = xnn_initialize(nullptr);
  SOTTO_CHECK(status == xnn_status_success);
}

}  // namespace

// XNNPACK asks a "weights cache" where to pack; ours holds one block, so that the packed weights
// lie in counted memory and a row can be read back from them.
struct PackedLinear::State {
  xnn_operator_t op = nullptr;
  Buffer<uint8_t> packed;
  Buffer<float>
      plain;  // the weights again where they are fewer rows than a panel's: packed otherwise
  size_t rows = 0;
  size_t columns = 0;
  xnn_weights_cache_provider cache = {};

  State(size_t n_rows, size_t n_columns) : rows(n_rows), columns(n_columns) {
    cache.context = this;
    cache.look_up = [](void*, const xnn_weights_cache_look_up_key*) { return SIZE_MAX; };
    cache.reserve_space = [](void* context, size_t bytes) -> void* {
      auto& packed_weights = static_cast<State*>(context)->packed;
      auto block = Buffer<uint8_t>::create(bytes + kOverread, "weights");
      if (!block.is_ok()) return nullptr;
      packed_weights = std::move(block.value());
      return packed_weights.data();
    };
    cache.look_up_or_insert = [](void*, const xnn_weights_cache_look_up_key*, void*, size_t) {
      return size_t{0};
    };
    cache.is_finalized = [](void*) { return true; };
    cache.offset_to_addr = [](void* context, size_t offset) -> void* {
      return static_cast<State*>(context)->packed.data() + offset;
    };
    cache.delete_cache = [](void*) { return xnn_status_success; };
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { xnn_delete_operator(op); }
};

PackedLinear::PackedLinear(std::unique_ptr<State> state) : state_(std::move(state)) {}
PackedLinear::PackedLinear(PackedLinear&&) noexcept = default;
PackedLinear& PackedLinear::operator=(PackedLinear&&) noexcept = default;
PackedLinear::~PackedLinear() = default;

Result<PackedLinear> PackedLinear::pack(const float* weights, size_t rows, size_t columns,
                                        size_t y_stride) {
  initialize_once();
  auto state = std::make_unique<State>(rows, columns);
  const xnn_status status = xnn_create_fully_connected_nc_f32(
      columns, rows, /*input_stride=*/columns, y_stride, weights, /*bias=*/nullptr, -INFINITY,
      INFINITY, /*flags=*/0, /*code_cache=*/nullptr, &state->cache, &state->op);
  if (status == xnn_status_out_of_memory) {
    return out_of_memory(uint64_t{rows} * columns * sizeof(float), "weights");
  }
  SOTTO_CHECK(status == xnn_status_success);
  if (rows < kPanelRows) {
    auto plain = Buffer<float>::create(uint64_t{rows} * columns, "weights");
    if (!plain.is_ok()) return plain.error();
    state->plain = std::move(plain.value());
    std::copy_n(weights, rows * columns, state->plain.data());
  }
  return PackedLinear(std::move(state));
}

void PackedLinear::multiply(const float* x, size_t n_x_rows, float* y) const {
  xnn_operator_t op = state_->op;
  SOTTO_CHECK(xnn_reshape_fully_connected_nc_f32(op, n_x_rows, nullptr) == xnn_status_success);
  SOTTO_CHECK(xnn_setup_fully_connected_nc_f32(op, x, y) == xnn_status_success);
  SOTTO_CHECK(xnn_run_operator(op, nullptr) == xnn_status_success);
}

void PackedLinear::read_row(size_t row, float* out) const {
  const size_t columns = state_->columns;
  SOTTO_CHECK(row < state_->rows);
  if (state_->rows < kPanelRows) {
    std::copy_n(state_->plain.data() + row * columns, columns, out);
    return;
  }
  const auto* const panels = reinterpret_cast<const float*>(state_->packed.data());
  const size_t panel_floats = kPanelRows * (1 + columns);
  const float* const first =
      panels + row / kPanelRows * panel_floats + kPanelRows + row % kPanelRows;
  for (size_t k = 0; k < columns; ++k) out[k] = first[k * kPanelRows];
}

size_t PackedLinear::bytes() const {
  return state_->packed.size() + state_->plain.size() * sizeof(float);
}

uint64_t PackedLinear::bytes_for(size_t rows, size_t columns) {
  const auto whole = [](uint64_t size, uint64_t step) { return (size + step - 1) / step * step; };
  const bool is_narrow = rows < kPanelRows;  // panels of two rows, of four columns at a time
  const uint64_t packed = is_narrow ? whole(rows, 2) * (1 + whole(columns, 4))
                                    : whole(rows, kPanelRows) * (1 + columns);
  const uint64_t plain = is_narrow ? uint64_t{rows} * columns : 0;
  return whole(packed * sizeof(float), 16) + kOverread + plain * sizeof(float);
}

}  // namespace sotto
