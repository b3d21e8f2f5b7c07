// The kernels over raw heap addresses, matrix products aside. In the test module only.
#include <emscripten/bind.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/math.h"
#include "base/memory.h"
#include "kernels/activate_f32_simd.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/add_residual_f32_simd.h"
#include "kernels/attention_f32_simd.h"
#include "kernels/attention_int8_simd.h"
#include "kernels/attention_weights_f32.h"
#include "kernels/convert_to_f32.h"
#include "kernels/cut_off_f32_simd.h"
#include "kernels/gate_f32_simd.h"
#include "kernels/gated_delta_f32_simd.h"
#include "kernels/layer_norm_f32_simd.h"
#include "kernels/linear/dequantize_blocks.h"
#include "kernels/rms_norm_f32_simd.h"
#include "kernels/rope_f32_simd.h"
#include "kernels/rope_row.h"
#include "kernels/scale_f32_simd.h"
#include "kernels/short_conv_f32_simd.h"
#include "kernels/silu_conv_f32_simd.h"
#include "kernels/softcap_f32_simd.h"
#include "kernels/state_space_f32_simd.h"
#include "kernels/streams_f32_simd.h"
#include "kernels/transpose_f32_simd.h"

namespace sotto {
namespace {

using Address = uintptr_t;  // 0 where a kernel takes null

float* f32_at(Address address) { return reinterpret_cast<float*>(address); }

// An elementary function of each element, four at a time and then one at a time, as the kernels use
// it.
template <v128_t (*kFunction)(v128_t)>
void map_hook(Address in, size_t count, Address out) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    wasm_v128_store(f32_at(out) + i, kFunction(wasm_v128_load(f32_at(in) + i)));
  }
  for (; i < count; ++i) {
    f32_at(out)[i] = wasm_f32x4_extract_lane(kFunction(wasm_f32x4_splat(f32_at(in)[i])), 0);
  }
}

void layer_norm_hook(Address x, size_t rows, size_t columns, size_t stride, Address weight,
                     Address bias, float epsilon, Address y) {
  layer_norm_f32_simd(f32_at(x), rows, columns, stride, f32_at(weight), f32_at(bias), epsilon,
                      f32_at(y));
}

void rms_norm_hook(Address x, size_t rows, size_t columns, size_t stride, Address weight,
                   float offset, float epsilon, Address y) {
  rms_norm_f32_simd(f32_at(x), rows, columns, stride, f32_at(weight), offset, epsilon, f32_at(y));
}

void add_bias_hook(Address x, size_t rows, size_t columns, Address bias) {
  add_bias_f32_simd(f32_at(x), rows, columns, f32_at(bias));
}

void add_residual_hook(Address x, Address y, size_t rows, size_t columns, Address bias,
                       float scale) {
  add_residual_f32_simd(f32_at(x), f32_at(y), rows, columns, f32_at(bias), scale);
}

Activation activation_of(const std::string& name) {
  const auto activation = parse_activation(name);
  SOTTO_CHECK(activation.has_value());
  return *activation;
}

void activate_hook(const std::string& activation, Address x, size_t rows, size_t columns,
                   Address bias) {
  activate_f32_simd(activation_of(activation), f32_at(x), rows, columns, f32_at(bias));
}

void gate_hook(const std::string& activation, Address gate, Address up, size_t columns,
               Address out) {
  gate_f32_simd(activation_of(activation), f32_at(gate), f32_at(up), columns, f32_at(out));
}

void scale_hook(Address x, size_t n, float factor) { scale_f32_simd(f32_at(x), n, factor); }

void cut_off_hook(Address x, size_t n, float deviations) {
  cut_off_f32_simd(f32_at(x), n, deviations);
}

// x: [n_streams, columns]
std::array<float*, kMostStreams> streams_at(Address x, size_t n_streams, size_t columns) {
  std::array<float*, kMostStreams> streams = {};
  for (size_t i = 0; i < n_streams; ++i) streams[i] = f32_at(x) + i * columns;
  return streams;
}

void predict_streams_hook(Address x, size_t n_streams, size_t columns, Address coefficients) {
  const auto streams = streams_at(x, n_streams, columns);
  predict_streams_f32_simd(streams.data(), n_streams, columns, f32_at(coefficients));
}

void correct_streams_hook(Address x, size_t n_streams, size_t active, size_t columns,
                          Address predicted, Address coefficients) {
  const auto streams = streams_at(x, n_streams, columns);
  correct_streams_f32_simd(streams.data(), n_streams, active, columns, f32_at(predicted),
                           f32_at(coefficients));
}

void softcap_hook(Address x, size_t n, float cap) { softcap_f32_simd(f32_at(x), n, cap); }

void rope_row_hook(Address frequencies, size_t n_pairs, size_t position, float factor, Address cos,
                   Address sin) {
  rope_row(reinterpret_cast<const double*>(frequencies), n_pairs, position, factor, f32_at(cos),
           f32_at(sin));
}

template <auto kRotate>
void rotate_hook(Address x, size_t n_heads, size_t head_dim, size_t n_pairs, Address cos,
                 Address sin, float sign) {
  kRotate(f32_at(x), n_heads, head_dim, n_pairs, f32_at(cos), f32_at(sin), sign);
}

// Channels [begin, end). `gates`: see short_conv_f32_simd; a row of inputs where there are none.
struct ConvolutionValue {
  Address state_in;
  Address state_out;
  Address weight;
  Address bias;
  size_t channels;
  size_t taps;
  size_t begin;
  size_t end;

  ConvolutionStep step() const {
    return {f32_at(state_in),
            f32_at(state_out),
            f32_at(weight),
            f32_at(bias),
            channels,
            taps,
            begin,
            end};
  }
};

void short_conv_hook(const ConvolutionValue& value, Address gates, Address y) {
  short_conv_f32_simd(value.step(), f32_at(gates), f32_at(y));
}

void silu_conv_hook(const ConvolutionValue& value, Address x, Address y) {
  silu_conv_f32_simd(value.step(), f32_at(x), f32_at(y));
}

// `numbers`: [n_tokens, 4] and [n_tokens, 2], as the structs have them.
struct RecurrentHeadValue {
  size_t rows;     // of the state
  size_t columns;  // of it
  size_t n_tokens;
  Address in;  // a token's q, k, v, or c, b, x
  size_t stride;
  Address numbers;
  float skip;
  Address out;
  size_t out_stride;
};

void gated_delta_hook(const RecurrentHeadValue& value, Address state_in, Address state_out) {
  const float* const q = f32_at(value.in);
  gated_delta_f32_simd({.key_dim = value.rows,
                        .value_dim = value.columns,
                        .n_tokens = value.n_tokens,
                        .q = q,
                        .k = q + value.rows,
                        .v = q + 2 * value.rows,
                        .stride = value.stride,
                        .numbers = reinterpret_cast<const DeltaNumbers*>(value.numbers),
                        .out = f32_at(value.out),
                        .out_stride = value.out_stride},
                       f32_at(state_in), f32_at(state_out));
}

void state_space_hook(const RecurrentHeadValue& value, Address state_in, Address state_out) {
  const float* const c = f32_at(value.in);
  state_space_f32_simd({.state_size = value.rows,
                        .head_dim = value.columns,
                        .n_tokens = value.n_tokens,
                        .x = c + 2 * value.rows,
                        .b = c + value.rows,
                        .c = c,
                        .stride = value.stride,
                        .skip = value.skip,
                        .numbers = reinterpret_cast<const StateSpaceNumbers*>(value.numbers),
                        .out = f32_at(value.out),
                        .out_stride = value.out_stride},
                       f32_at(state_in), f32_at(state_out));
}

void convert_hook(Address in, const std::string& dtype, size_t count, Address out) {
  const auto parsed = parse_dtype(dtype);
  SOTTO_CHECK(parsed.has_value());
  convert_to_f32(reinterpret_cast<const void*>(in), *parsed, count, f32_at(out));
}

bool dequantize_hook(const std::string& format, Address in, size_t n_blocks, Address out) {
  const auto parsed = parse_block_format(format);
  SOTTO_CHECK(parsed.has_value());
  return dequantize_blocks(*parsed, reinterpret_cast<const uint8_t*>(in), n_blocks, f32_at(out));
}

struct AttentionValue {
  bool is_int8;
  size_t n_heads;
  size_t n_kv_heads;
  size_t head_dim;
  float scale;
  float softcap;
  size_t window;
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
  const AttentionShape shape = {a.n_heads, a.n_kv_heads, a.head_dim, a.scale, a.softcap};
  const PagedKeysValues cache = {reinterpret_cast<const uint8_t* const*>(a.pages), a.layer_offset,
                                 a.head_bytes, a.window};
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

void attention_weights_hook(size_t head_dim, float scale, float softcap, size_t window, Address q,
                            Address keys, size_t n, Address out) {
  const AttentionShape shape = {1, 1, head_dim, scale, softcap};
  attention_weights_f32(shape, window, f32_at(q), f32_at(keys), n, f32_at(out));
}

void store_int8_hook(Address k, Address v, size_t head_dim, size_t position, Address page_head) {
  store_int8(f32_at(k), f32_at(v), head_dim, position, reinterpret_cast<uint8_t*>(page_head));
}

void transpose_hook(Address in, size_t rows, size_t columns, size_t in_stride, Address out) {
  transpose_f32_simd(f32_at(in), rows, columns, in_stride, f32_at(out));
}

}  // namespace
}  // namespace sotto

// NOLINTNEXTLINE(*-identifier-naming): Embind's macro names a function after its argument.
EMSCRIPTEN_BINDINGS(sotto_test_kernels) {
  using namespace emscripten;  // NOLINT(*-using-namespace)
  using namespace sotto;       // NOLINT(*-using-namespace)

  function("exp", &map_hook<exp_f32x4>);
  function("softplus", &map_hook<softplus_f32x4>);
  function("sigmoid", &map_hook<sigmoid_f32x4>);
  function("tanh", &map_hook<tanh_f32x4>);
  function("normalCdf", &map_hook<normal_cdf_f32x4>);
  function("layerNorm", &layer_norm_hook);
  function("rmsNorm", &rms_norm_hook);
  function("addBias", &add_bias_hook);
  function("addResidual", &add_residual_hook);
  function("activate", &activate_hook);
  function("gate", &gate_hook);
  function("scale", &scale_hook);
  function("cutOff", &cut_off_hook);
  function("predictStreams", &predict_streams_hook);
  function("correctStreams", &correct_streams_hook);
  function("softcap", &softcap_hook);
  function("ropeRow", &rope_row_hook);
  function("rotateHalf", &rotate_hook<rotate_half_f32_simd>);
  function("rotatePairs", &rotate_hook<rotate_pairs_f32_simd>);
  value_object<ConvolutionValue>("ConvolutionValue")
      .field("stateIn", &ConvolutionValue::state_in)
      .field("stateOut", &ConvolutionValue::state_out)
      .field("weight", &ConvolutionValue::weight)
      .field("bias", &ConvolutionValue::bias)
      .field("channels", &ConvolutionValue::channels)
      .field("taps", &ConvolutionValue::taps)
      .field("begin", &ConvolutionValue::begin)
      .field("end", &ConvolutionValue::end);
  function("shortConv", &short_conv_hook);
  function("siluConv", &silu_conv_hook);
  value_object<RecurrentHeadValue>("RecurrentHeadValue")
      .field("rows", &RecurrentHeadValue::rows)
      .field("columns", &RecurrentHeadValue::columns)
      .field("nTokens", &RecurrentHeadValue::n_tokens)
      .field("in", &RecurrentHeadValue::in)
      .field("stride", &RecurrentHeadValue::stride)
      .field("numbers", &RecurrentHeadValue::numbers)
      .field("skip", &RecurrentHeadValue::skip)
      .field("out", &RecurrentHeadValue::out)
      .field("outStride", &RecurrentHeadValue::out_stride);
  function("gatedDelta", &gated_delta_hook);
  function("stateSpace", &state_space_hook);
  function("convertToF32", &convert_hook);
  function("dequantizeBlocks", &dequantize_hook);

  value_object<AttentionValue>("AttentionValue")
      .field("isInt8", &AttentionValue::is_int8)
      .field("nHeads", &AttentionValue::n_heads)
      .field("nKvHeads", &AttentionValue::n_kv_heads)
      .field("headDim", &AttentionValue::head_dim)
      .field("scale", &AttentionValue::scale)
      .field("softcap", &AttentionValue::softcap)
      .field("window", &AttentionValue::window)
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
  function("attentionWeights", &attention_weights_hook);
  function("storeInt8", &store_int8_hook);
  function("transpose", &transpose_hook);
}
