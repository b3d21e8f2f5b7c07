// The plain values that cross the boundary, as Embind's value objects.
#pragma once

#include <string>

#include "base/memory.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "bindings/typed_array.h"
#include "model/weight_loader.h"
#include "sampling/sampler_options.h"

namespace sotto {

// code '' means success; else a code of web/results/errors.ts.
struct StatusValue {
  std::string code;
  std::string message;
};

StatusValue to_value(const Error& error);
StatusValue to_value(const Status& status);

// The status of `body`, or kOutOfMemory before it is called where its containers may need more than
// there is; see ensure_headroom().
template <typename Body>
StatusValue with_headroom(size_t bytes, const char* what, Body body) {
  const Status status = ensure_headroom(bytes, what);
  return to_value(status.is_ok() ? body() : status);
}

// The engine's threads, which its models share: one, unless start_threads was called before the
// first use. It lives as long as the engine.
ThreadPool& engine_pool();
void start_threads(uint32_t n_threads);

// TensorRequest with JavaScript's numbers, and the type by its name in the file.
struct RequestValue {
  std::string name;
  std::string dtype;
  double rows;
  double columns;
  bool is_transposed;
  double row_offset;
  double regroup_parts;  // 0: the rows are as they are wanted
  double regroup_rest;
};

// Of a name that our own TypeScript gives.
WeightType to_weight_type(const std::string& name);

Result<TensorRequest> to_request(const RequestValue& value);

// How an option of a sampler crosses: numbers as they are, lists as typed arrays. TokenIds are an
// Int32Array; TokenSequences one of [length, ids...] after another; TokenBiases a Float64Array of
// [id, bias] after another.
template <typename T>
struct SamplerField {
  using Type = TypedArray<int32_t>;
};
template <>
struct SamplerField<TokenBiases> {
  using Type = TypedArray<double>;
};
template <>
struct SamplerField<float> {
  using Type = float;
};
template <>
struct SamplerField<int32_t> {
  using Type = int32_t;
};

struct SamplerValue {
#define SOTTO_PROCESSOR(name, js_name, type, ...) SamplerField<type>::Type name;
#define SOTTO_FILTER(name, js_name, type, ...) SamplerField<type>::Type name;
#include "sampling/samplers.inc"
  double seed;  // an integer
  TypedArray<int32_t> end_tokens;
};

SamplerOptions to_options(const SamplerValue& value);

TokenIds to_token_ids(const TypedArray<int32_t>& ids);

}  // namespace sotto
