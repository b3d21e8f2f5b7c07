#include "bindings/values.h"

#include <cstdint>

namespace sotto {
namespace {

ThreadPool* pool = nullptr;

const char* public_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadConfig:
      return "bad-config";
    case ErrorCode::kUnsupportedModel:
      return "unsupported-model";
    case ErrorCode::kBadTensor:
      return "bad-tensor";
    case ErrorCode::kMissingTensor:
      return "missing-tensor";
    case ErrorCode::kOutOfMemory:
      return "out-of-memory";
    case ErrorCode::kContextFull:
      return "prompt-too-long";
    case ErrorCode::kBadToken:
      return "bad-token";
    case ErrorCode::kBadOption:
      return "bad-option";
    case ErrorCode::kNoLogits:
      return "empty-prompt";
    case ErrorCode::kBadSession:
      return "bad-session";
    case ErrorCode::kNotFinite:
    case ErrorCode::kUnreadable:
      return "bad-file";
  }
  return "";
}

template <typename T>
void read_field(const T& value, T& field) {
  field = value;
}

void read_field(const TypedArray<int32_t>& value, TokenIds& ids) { ids = to_token_ids(value); }

void read_field(const TypedArray<int32_t>& value, TokenSequences& sequences) {
  const TokenIds flat = to_token_ids(value);
  for (auto i = flat.begin(); i != flat.end();) {
    const int32_t length = *i++;
    SOTTO_CHECK(length > 0 && length <= flat.end() - i);
    sequences.emplace_back(i, i + length);
    i += length;
  }
}

void read_field(const TypedArray<double>& value, TokenBiases& biases) {
  const auto flat = emscripten::convertJSArrayToNumberVector<double>(value);
  SOTTO_CHECK(flat.size() % 2 == 0);
  for (size_t i = 0; i < flat.size(); i += 2) {
    biases.push_back({static_cast<int32_t>(flat[i]), static_cast<float>(flat[i + 1])});
  }
}

}  // namespace

void start_threads(uint32_t n_threads) {
  SOTTO_CHECK(pool == nullptr);
  pool = new ThreadPool(n_threads);
}

ThreadPool& engine_pool() {
  if (pool == nullptr) start_threads(1);
  return *pool;
}

StatusValue to_value(const Error& error) { return {public_code(error.code), error.message}; }
StatusValue to_value(const Status& status) {
  return status.is_ok() ? StatusValue{} : to_value(status.error());
}

WeightType to_weight_type(const std::string& name) {
  const auto type = parse_weight_type(name);
  SOTTO_CHECK(type.has_value());
  return *type;
}

Result<TensorRequest> to_request(const RequestValue& value) {
  const auto type = parse_file_type(value.dtype);
  if (!type) {
    return Error{ErrorCode::kBadTensor, "tensor " + value.name + " has the type " + value.dtype +
                                            "; these can be read: " + file_type_names() + "."};
  }
  TensorRequest request = {.name = value.name,
                           .type = *type,
                           .rows = static_cast<int64_t>(value.rows),
                           .columns = static_cast<int64_t>(value.columns),
                           .is_transposed = value.is_transposed,
                           .row_offset = static_cast<int64_t>(value.row_offset),
                           .regroup = {}};
  if (value.regroup_parts != 0) {
    request.regroup = Regroup{static_cast<int64_t>(value.regroup_parts),
                              static_cast<int64_t>(value.regroup_rest)};
  }
  return request;
}

TokenIds to_token_ids(const TypedArray<int32_t>& ids) {
  return emscripten::convertJSArrayToNumberVector<int32_t>(ids);
}

SamplerOptions to_options(const SamplerValue& value) {
  SamplerOptions options;
#define SOTTO_PROCESSOR(name, ...) read_field(value.name, options.name);
#define SOTTO_FILTER(name, ...) read_field(value.name, options.name);
#include "sampling/samplers.inc"
  options.seed = static_cast<uint64_t>(value.seed);
  read_field(value.end_tokens, options.end_tokens);
  return options;
}

}  // namespace sotto
