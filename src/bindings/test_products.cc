// What the tests and the benchmark see of products and threads. In the test module only.
#include <emscripten/bind.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/memory.h"
#include "bindings/values.h"
#include "kernels/linear/panel_kernel.h"
#include "kernels/linear/quantize_weights.h"
#include "model/linear.h"

namespace sotto {
namespace {

using Address = uintptr_t;

float* f32_at(Address address) { return reinterpret_cast<float*>(address); }
const uint8_t* u8_at(Address address) { return reinterpret_cast<const uint8_t*>(address); }

// Eight accumulators, so that nothing but the memory is waited for.
int32_t sum_chunk(const uint8_t* bytes, size_t size) {
  v128_t sums[8];
  for (auto& sum : sums) sum = wasm_i32x4_const_splat(0);
  for (size_t i = 0; i < size; i += 128) {
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 8; ++j) {
      sums[j] = wasm_i32x4_add(sums[j], wasm_v128_load(bytes + i + 16 * j));
    }
  }
  for (size_t j = 1; j < 8; ++j) sums[0] = wasm_i32x4_add(sums[0], sums[j]);
  return wasm_i32x4_extract_lane(sums[0], 0) ^ wasm_i32x4_extract_lane(sums[0], 1);
}

WeightType weight_type(const std::string& name) {
  const auto type = parse_weight_type(name);
  SOTTO_CHECK(type.has_value());
  return *type;
}

// Runs `n_loops` loops of `count` indices in a row and returns how often an index was not visited
// exactly once a loop, or by a thread that is not there. Every index has its own counter.
int32_t run_loops(size_t n_loops, size_t count, size_t chunk) {
  std::vector<int32_t> visits(count);
  std::vector<int32_t> strangers(count);
  const size_t n_threads = engine_pool().n_threads();
  for (size_t i = 0; i < n_loops; ++i) {
    engine_pool().parallel_for(count, chunk, [&](size_t begin, size_t end, size_t thread) {
      for (size_t index = begin; index < end; ++index) {
        ++visits[index];
        strangers[index] += thread >= n_threads ? 1 : 0;
      }
    });
  }
  const auto wanted = static_cast<int32_t>(n_loops);
  int32_t n_wrong = 0;
  for (size_t i = 0; i < count; ++i) n_wrong += visits[i] != wanted || strangers[i] != 0 ? 1 : 0;
  return n_wrong;
}

// The sum of all bytes of a block, by all threads: as fast as memory can be read.
double sum_memory(Address address, size_t bytes) {
  constexpr size_t kChunk = size_t{256} << 10;
  const size_t n_threads = engine_pool().n_threads();
  std::vector<int32_t> sums(n_threads * 16);
  engine_pool().parallel_for(bytes / kChunk, 1, [&](size_t begin, size_t end, size_t thread) {
    for (size_t i = begin; i < end; ++i) {
      sums[thread * 16] +=
          sum_chunk(reinterpret_cast<const uint8_t*>(address) + i * kChunk, kChunk);
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// Room for the products of a test: as Workspace lays it out, for one matrix.
class ProductHookSpace {
 public:
  ProductHookSpace(size_t columns, size_t most_x_rows)
      : n_blocks_(blocks_for(columns)),
        n_rows_((most_x_rows + kMostTileRows - 1) / kMostTileRows * kMostTileRows),
        values_(n_rows_ * n_blocks_ * kBlockColumns * 2),
        scales_(n_rows_ * n_blocks_),
        sums_(n_rows_ * n_blocks_),
        offsets_(n_rows_ * n_blocks_),
        pair_sums_(n_rows_ * n_blocks_ * 4),
        stride_((scratch_bytes(n_blocks_) + kAlignment - 1) / kAlignment * kAlignment),
        scratch_(Buffer<uint8_t>::create(uint64_t{engine_pool().n_threads()} * stride_, "a test")) {
    SOTTO_CHECK(scratch_.is_ok());
  }
  QuantizedRows rows() {
    return {values_.data(),  scales_.data(),    sums_.data(),
            offsets_.data(), pair_sums_.data(), n_blocks_};
  }
  ProductSpace space() { return {&engine_pool(), rows(), scratch_.value().data(), stride_}; }

 private:
  size_t n_blocks_;
  size_t n_rows_;
  std::vector<uint8_t> values_;
  std::vector<float> scales_;
  std::vector<int32_t> sums_;
  std::vector<float> offsets_;
  std::vector<int16_t> pair_sums_;
  size_t stride_;
  Result<Buffer<uint8_t>> scratch_;
};

struct PanelProductValue {
  std::string kernel;  // of kernels.inc
  Address weights;     // [n_y, columns], or as many blocks of a file
  size_t columns;
  Address x;  // [n_x_rows, columns]
  size_t n_x_rows;
  Address y;  // [n_x_rows, y_stride]
  size_t y_stride;
  size_t n_y;
};

// One kernel over one panel, whatever the number of rows.
void panel_product_hook(const PanelProductValue& v) {
  const auto kernels = panel_kernels();
  const auto kernel = std::find_if(kernels.begin(), kernels.end(),
                                   [&](const PanelKernel& k) { return k.name == v.kernel; });
  SOTTO_CHECK(kernel != kernels.end());
  const size_t n_blocks = weight_blocks_for(kernel->type, v.columns);
  std::vector<uint8_t> panel(n_blocks * block_bytes(kernel->type));
  const size_t file_bytes = n_blocks * traits_of(kernel->type).file_block_bytes;
  for (size_t n = 0; n < v.n_y; ++n) {
    if (traits_of(kernel->type).can_quantize) {
      SOTTO_CHECK(quantize_weight_row(kernel->type, f32_at(v.weights) + n * v.columns, v.columns, n,
                                      panel.data()));
    } else {
      SOTTO_CHECK(take_weight_blocks(kernel->type, u8_at(v.weights) + n * file_bytes, n_blocks, n,
                                     panel.data()));
    }
  }
  ProductHookSpace space(v.columns, v.n_x_rows);
  for (size_t row = 0; row < v.n_x_rows; ++row) {
    quantize_row(f32_at(v.x), row, v.columns, most_activation(kernel->type), kernel->layout,
                 space.rows());
  }
  kernel->multiply({panel.data(), space.rows(), v.n_x_rows, f32_at(v.y), v.y_stride, v.n_y,
                    space.space().scratch_of(0)});
}

// The names of kernels.inc in this variant, with their weight types: 'q8_simd q8'.
std::vector<std::string> panel_kernel_names() {
  std::vector<std::string> names;
  for (const PanelKernel& kernel : panel_kernels()) {
    names.push_back(std::string(kernel.name) + " " + traits_of(kernel.type).name);
  }
  return names;
}

std::string panel_kernel_name(const std::string& type, size_t n_x_rows) {
  return panel_kernel_for(weight_type(type), n_x_rows).name;
}

// A Linear of one part, whose rows the test adds.
class MatrixHook {
 public:
  MatrixHook(size_t rows, size_t columns, const std::string& type)
      : linear_(rows, columns), matrix_(*linear_.add_part(0, rows, weight_type(type)).value()) {}
  bool add_rows(size_t row_begin, size_t n_rows, Address weights) {
    const auto add = [&](auto& matrix) {
      return matrix.add_rows(row_begin, n_rows, f32_at(weights)).is_ok();
    };
    return std::visit(add, matrix_);
  }
  bool add_columns(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                   Address weights) {
    return std::get_if<PanelMatrix>(&matrix_)
        ->add_columns(row_begin, n_rows, column_begin, n_columns, f32_at(weights))
        .is_ok();
  }
  bool add_blocks(size_t row_begin, size_t n_rows, Address blocks) {
    auto* const panels = std::get_if<PanelMatrix>(&matrix_);
    const auto format = parse_block_format(traits_of(panels->type()).file_type);
    SOTTO_CHECK(format.has_value());
    return panels->add_blocks(row_begin, n_rows, *format, u8_at(blocks)).is_ok();
  }
  void multiply(Address x, size_t n_x_rows, Address y) {
    if (n_x_rows > most_x_rows_) {
      most_x_rows_ = n_x_rows;
      space_ = std::make_unique<ProductHookSpace>(linear_.columns(), n_x_rows);
    }
    linear_.apply(f32_at(x), n_x_rows, f32_at(y), space_->space());
  }
  void read_row(size_t row, Address out) const { linear_.read_row(row, f32_at(out)); }
  size_t bytes() const { return linear_.bytes(); }

 private:
  Linear linear_;
  Linear::Matrix& matrix_;
  size_t most_x_rows_ = 0;
  std::unique_ptr<ProductHookSpace> space_;
};

}  // namespace
}  // namespace sotto

// NOLINTNEXTLINE(*-identifier-naming): Embind's macro names a function after its argument.
EMSCRIPTEN_BINDINGS(sotto_test_products) {
  using namespace emscripten;  // NOLINT(*-using-namespace)
  using namespace sotto;       // NOLINT(*-using-namespace)

  function("runLoops", &run_loops);
  function("sumMemory", &sum_memory);
  value_object<PanelProductValue>("PanelProductValue")
      .field("kernel", &PanelProductValue::kernel)
      .field("weights", &PanelProductValue::weights)
      .field("columns", &PanelProductValue::columns)
      .field("x", &PanelProductValue::x)
      .field("nXRows", &PanelProductValue::n_x_rows)
      .field("y", &PanelProductValue::y)
      .field("yStride", &PanelProductValue::y_stride)
      .field("nY", &PanelProductValue::n_y);
  function("panelProduct", &panel_product_hook);
  register_vector<std::string>("StringList");
  function("panelKernels", &panel_kernel_names);
  function("panelKernelFor", &panel_kernel_name);

  class_<MatrixHook>("Matrix")
      .constructor<size_t, size_t, std::string>()
      .function("addRows", &MatrixHook::add_rows)
      .function("addColumns", &MatrixHook::add_columns)
      .function("addBlocks", &MatrixHook::add_blocks)
      .function("multiply", &MatrixHook::multiply)
      .function("readRow", &MatrixHook::read_row)
      .function("bytes", &MatrixHook::bytes);
}
