// What the tests see of the engine's inside: kernels and samplers over raw heap addresses. In the
// test module only.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/math.h"
#include "base/memory.h"
#include "bindings/handles.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/attention_f32_simd.h"
#include "kernels/attention_int8_simd.h"
#include "kernels/convert_to_f32.h"
#include "kernels/layer_norm_f32_simd.h"
#include "kernels/transpose_f32_simd.h"
#include "sampling/sampler.h"

// The C++ heap of this module counts what it gives.
namespace {
double n_allocations = 0;
}  // namespace

void* operator new(size_t bytes) {
  ++n_allocations;
  void* const block = malloc(bytes);
  SOTTO_CHECK(block != nullptr);
  return block;
}
void operator delete(void* block) noexcept { free(block); }
void operator delete(void* block, size_t /*bytes*/) noexcept { free(block); }

namespace sotto {
namespace {

using emscripten::typed_memory_view;
using emscripten::val;
using Address = uintptr_t;

float* f32_at(Address address) { return reinterpret_cast<float*>(address); }

// Elementwise exp, four at a time and then one at a time, as the kernels use it.
void exp_hook(Address in, size_t count, Address out) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    wasm_v128_store(f32_at(out) + i, exp_f32x4(wasm_v128_load(f32_at(in) + i)));
  }
  for (; i < count; ++i) f32_at(out)[i] = exp_f32(f32_at(in)[i]);
}

void layer_norm_hook(Address x, size_t rows, size_t columns, Address weight, Address bias,
                     float epsilon, Address y) {
  layer_norm_f32_simd(f32_at(x), rows, columns, f32_at(weight), f32_at(bias), epsilon, f32_at(y));
}

void add_bias_hook(Address x, size_t rows, size_t columns, Address bias) {
  add_bias_f32_simd(f32_at(x), rows, columns, f32_at(bias));
}

void add_residual_hook(Address x, Address y, size_t rows, size_t columns, Address bias) {
  add_residual_f32_simd(f32_at(x), f32_at(y), rows, columns, f32_at(bias));
}

void add_bias_gelu_tanh_hook(Address x, size_t rows, size_t columns, Address bias) {
  add_bias_gelu_tanh_f32_simd(f32_at(x), rows, columns, f32_at(bias));
}

void convert_hook(Address in, const std::string& dtype, size_t count, Address out) {
  const auto parsed = parse_dtype(dtype);
  SOTTO_CHECK(parsed.has_value());
  convert_to_f32(reinterpret_cast<const void*>(in), *parsed, count, f32_at(out));
}

struct AttentionValue {
  bool is_int8;
  size_t n_heads;
  size_t n_kv_heads;
  size_t head_dim;
  float scale;
  Address pages;  // of 32-bit page addresses
  size_t layer_offset;
  size_t head_bytes;
  Address q;
  size_t q_stride;
  size_t n_rows;
  size_t heads_at_once;
  size_t first_position;
  Address out;
};

void attention_hook(const AttentionValue& a) {
  const AttentionShape shape = {a.n_heads, a.n_kv_heads, a.head_dim, a.scale};
  const PagedKeysValues cache = {reinterpret_cast<const uint8_t* const*>(a.pages), a.layer_offset,
                                 a.head_bytes};
  auto scratch = Buffer<uint8_t>::create(attention_scratch_bytes(a.head_dim), "a test");
  SOTTO_CHECK(scratch.is_ok());
  const AttentionKernel kernel = a.is_int8 ? attention_int8_simd : attention_f32_simd;
  const size_t most_rows = kAttentionPairs / a.heads_at_once;
  for (size_t row = 0; row < a.n_rows; row += most_rows) {
    for (size_t head = 0; head < a.n_heads; head += a.heads_at_once) {
      kernel(shape, cache,
             {.q = f32_at(a.q) + row * a.q_stride,
              .q_stride = a.q_stride,
              .n_rows = std::min(most_rows, a.n_rows - row),
              .first_position = a.first_position + row,
              .head_begin = head,
              .head_end = std::min(head + a.heads_at_once, a.n_heads),
              .out = f32_at(a.out) + row * a.n_heads * a.head_dim,
              .scratch = scratch.value().data()});
    }
  }
}

void store_int8_hook(Address k, Address v, size_t head_dim, size_t position, Address page_head) {
  store_int8(f32_at(k), f32_at(v), head_dim, position, reinterpret_cast<uint8_t*>(page_head));
}

void transpose_hook(Address in, size_t rows, size_t columns, size_t in_stride, Address out) {
  transpose_f32_simd(f32_at(in), rows, columns, in_stride, f32_at(out));
}

class SamplerHook {
 public:
  explicit SamplerHook(const SamplerValue& value)
      : sampler_(to_options(value)), chain_(to_options(value)) {}

  void begin(const val& prompt) { sampler_.begin(to_token_ids(prompt)); }
  void accept(int32_t token) { sampler_.accept(token); }

  // The chain alone, behind the sampler's history: processors over logits that lie on the heap.
  void process(Address logits, size_t vocab_size) {
    chain_.process(sampler_.history(), {f32_at(logits), vocab_size});
  }
  // The tokens that the filters leave, and their logits.
  size_t filter(Address logits, size_t vocab_size) {
    candidates_ = &chain_.filter({f32_at(logits), vocab_size});
    return candidates_->size;
  }
  val tokens() {
    tokens_.resize(candidates_->size);
    for (size_t i = 0; i < tokens_.size(); ++i) tokens_[i] = candidates_->token(i);
    return val(typed_memory_view(tokens_.size(), tokens_.data()));
  }
  val logits() const {
    return val(typed_memory_view(candidates_->size, candidates_->logits.data()));
  }

  // The token, or -1 when there is none: status() tells why.
  int32_t sample(Address logits, size_t vocab_size) {
    return chosen(sampler_.sample({f32_at(logits), vocab_size}));
  }
  // In two steps; what lies between may be changed. Empty when it failed.
  val process_copy(Address logits, size_t vocab_size) {
    auto processed = sampler_.process({f32_at(logits), vocab_size});
    status_ = processed.is_ok() ? StatusValue{} : to_value(processed.error());
    if (!processed.is_ok()) return val(typed_memory_view<float>(0, nullptr));
    return val(typed_memory_view(processed.value().size(), processed.value().data()));
  }
  int32_t choose() { return chosen(sampler_.choose()); }
  StatusValue status() const { return status_; }

 private:
  int32_t chosen(Result<int32_t> token) {
    status_ = token.is_ok() ? StatusValue{} : to_value(token.error());
    return token.is_ok() ? token.value() : -1;
  }

  Sampler sampler_;
  SamplingChain chain_;
  const Candidates* candidates_ = nullptr;
  std::vector<int32_t> tokens_;
  StatusValue status_;
};

class RandomHook {
 public:
  explicit RandomHook(double seed) : random_(static_cast<uint64_t>(seed)) {}
  double uniform() { return random_.uniform(); }

 private:
  Random random_;
};

}  // namespace
}  // namespace sotto

// NOLINTNEXTLINE(*-identifier-naming): Embind's macro names a function after its argument.
EMSCRIPTEN_BINDINGS(sotto_test_hooks) {
  using namespace emscripten;  // NOLINT(*-using-namespace)
  using namespace sotto;       // NOLINT(*-using-namespace)

  function("allocate", +[](size_t bytes) { return reinterpret_cast<Address>(allocate(bytes)); });
  function("release", +[](Address block) { release(reinterpret_cast<void*>(block)); });
  function(
      "bytesAt", +[](Address address, size_t count) {
        return val(typed_memory_view(count, reinterpret_cast<uint8_t*>(address)));
      });
  function("countAllocations", +[] { return n_allocations; });
  function("exp", &exp_hook);
  function("layerNorm", &layer_norm_hook);
  function("addBias", &add_bias_hook);
  function("addResidual", &add_residual_hook);
  function("addBiasGeluTanh", &add_bias_gelu_tanh_hook);
  function("convertToF32", &convert_hook);

  value_object<AttentionValue>("AttentionValue")
      .field("isInt8", &AttentionValue::is_int8)
      .field("nHeads", &AttentionValue::n_heads)
      .field("nKvHeads", &AttentionValue::n_kv_heads)
      .field("headDim", &AttentionValue::head_dim)
      .field("scale", &AttentionValue::scale)
      .field("pages", &AttentionValue::pages)
      .field("layerOffset", &AttentionValue::layer_offset)
      .field("headBytes", &AttentionValue::head_bytes)
      .field("q", &AttentionValue::q)
      .field("qStride", &AttentionValue::q_stride)
      .field("nRows", &AttentionValue::n_rows)
      .field("headsAtOnce", &AttentionValue::heads_at_once)
      .field("firstPosition", &AttentionValue::first_position)
      .field("out", &AttentionValue::out);
  function("attention", &attention_hook);
  function("storeInt8", &store_int8_hook);
  function("transpose", &transpose_hook);

  class_<SamplerHook>("TestSampler")
      .constructor<const SamplerValue&>()
      .function("begin", &SamplerHook::begin)
      .function("accept", &SamplerHook::accept)
      .function("process", &SamplerHook::process)
      .function("filter", &SamplerHook::filter)
      .function("tokens", &SamplerHook::tokens)
      .function("logits", &SamplerHook::logits)
      .function("sample", &SamplerHook::sample)
      .function("processCopy", &SamplerHook::process_copy)
      .function("choose", &SamplerHook::choose)
      .function("status", &SamplerHook::status);

  class_<RandomHook>("Random").constructor<double>().function("uniform", &RandomHook::uniform);
}
