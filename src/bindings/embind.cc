// The boundary to JavaScript: what the handles beside this file and their methods are called in
// web/engine. (The fields of a config have their names in model/decoder_config_fields.h.) Nothing
// throws: what can fail returns { code, message }, code '' meaning success.
#include <emscripten/bind.h>
#include <emscripten/heap.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/memory.h"
#include "bindings/beam_search_handle.h"
#include "bindings/contrastive_search_handle.h"
#include "bindings/session_handles.h"
#include "bindings/values.h"
#include "kernels/linear/dot_probe.h"

namespace sotto {
namespace {

struct MemoryValue {
  double bytes_in_use;
  double peak_bytes;
  double kv_pages;
  double heap_bytes;
};

MemoryValue memory_value() {
  const MemoryStats stats = memory_stats();
  return {static_cast<double>(stats.in_use), static_cast<double>(stats.peak),
          static_cast<double>(KvGroup::pages_in_use()),
          static_cast<double>(emscripten_get_heap_size())};
}

WeightType to_weight_type(const std::string& name) {
  const auto type = parse_weight_type(name);
  SOTTO_CHECK(type.has_value());
  return *type;
}

DotForm to_dot_form(const std::string& name) {
  SOTTO_CHECK(name == "pairs" || name == "quads");
  return name == "pairs" ? DotForm::kPairs : DotForm::kQuads;
}

}  // namespace
}  // namespace sotto

// NOLINTNEXTLINE(*-identifier-naming): Embind's macro names a function after its argument.
EMSCRIPTEN_BINDINGS(sotto) {
  using namespace emscripten;  // NOLINT(*-using-namespace)
  using namespace sotto;       // NOLINT(*-using-namespace)

  value_object<StatusValue>("Status")
      .field("code", &StatusValue::code)
      .field("message", &StatusValue::message);

  value_object<RequestValue>("TensorRequest")
      .field("name", &RequestValue::name)
      .field("dtype", &RequestValue::dtype)
      .field("rows", &RequestValue::rows)
      .field("columns", &RequestValue::columns)
      .field("transposed", &RequestValue::is_transposed)
      .field("rowOffset", &RequestValue::row_offset)
      .field("regroupParts", &RequestValue::regroup_parts)
      .field("regroupRest", &RequestValue::regroup_rest);

  class_<ModelBinding>("Model")
      .constructor<const val&, const std::string&>()
      .function("status", &ModelBinding::status)
      .function("beginTensor", &ModelBinding::begin_tensor)
      .function("staging", &ModelBinding::staging)
      .function("writeChunk", &ModelBinding::write_chunk)
      .function("endTensor", &ModelBinding::end_tensor)
      .function("finish", &ModelBinding::finish)
      .function("weightBytes", &ModelBinding::weight_bytes)
      .function("sequenceBytes", &ModelBinding::sequence_bytes)
      .function("listBytes", &ModelBinding::list_bytes)
      .function("kvType", &ModelBinding::kv_type)
      .function("isCutAnywhere", &ModelBinding::is_cut_anywhere);

  class_<SessionBinding>("Session")
      .constructor<const ModelBinding&>()
      .function("status", &SessionBinding::status)
      .function("length", &SessionBinding::length)
      .function("tokens", &SessionBinding::tokens)
      .function("input", &SessionBinding::input)
      .function("append", &SessionBinding::append)
      .function("logits", &SessionBinding::logits)
      .function("logProbabilities", &SessionBinding::log_probabilities)
      .function("releaseLogits", &SessionBinding::release_logits)
      .function("keepLastLogits", &SessionBinding::keep_last_logits)
      .function("truncate", &SessionBinding::truncate)
      .function("rewind", &SessionBinding::rewind)
      .function("stateBytes", &SessionBinding::state_bytes)
      .function("kvBegin", &SessionBinding::kv_begin)
      .function("fork", &SessionBinding::fork)
      .function("kvPage", &SessionBinding::kv_page)
      .function("readKv", &SessionBinding::read_kv)
      .function("kvValues", &SessionBinding::kv_values)
      .function("setTaps", &SessionBinding::set_taps)
      .function("hiddenTap", &SessionBinding::hidden_tap)
      .function("attentionTap", &SessionBinding::attention_tap);

  class_<BatchBinding>("Batch")
      .constructor<>()
      .function("clear", &BatchBinding::clear)
      .function("add", &BatchBinding::add)
      .function("run", &BatchBinding::run);

  class_<SessionWriterBinding>("SessionWriter")
      .constructor<const SessionBinding&>()
      .function("status", &SessionWriterBinding::status)
      .function("nBytes", &SessionWriterBinding::n_bytes)
      .function("next", &SessionWriterBinding::next);

  class_<SessionReaderBinding>("SessionReader")
      .constructor<const ModelBinding&, const std::string&, double>()
      .function("status", &SessionReaderBinding::status)
      .function("next", &SessionReaderBinding::next)
      .function("finish", &SessionReaderBinding::finish);

  value_object<SamplerValue>("SamplerOptions")
#define SOTTO_PROCESSOR(name, js_name, ...) .field(#js_name, &SamplerValue::name)
#define SOTTO_FILTER(name, js_name, ...) .field(#js_name, &SamplerValue::name)
#include "sampling/samplers.inc"
      .field("seed", &SamplerValue::seed)
      .field("endTokens", &SamplerValue::end_tokens);

  class_<SamplerBinding>("Sampler")
      .constructor<const SamplerValue&>()
      .function("begin", &SamplerBinding::begin)
      .function("accept", &SamplerBinding::accept)
      .function("length", &SamplerBinding::length)
      .function("sample", &SamplerBinding::sample)
      .function("process", &SamplerBinding::process)
      .function("choose", &SamplerBinding::choose)
      .function("status", &SamplerBinding::status);

  value_object<BeamValue>("BeamOptions")
      .field("numBeams", &BeamValue::n_beams)
      .field("numReturnSequences", &BeamValue::n_return)
      .field("lengthPenalty", &BeamValue::length_penalty)
      .field("earlyStopping", &BeamValue::early_stopping)
      .field("maxNewTokens", &BeamValue::max_new_tokens);

  class_<BeamSearchBinding>("BeamSearch")
      .constructor<const BeamValue&, const SamplerValue&, const val&>()
      .function("nRunning", &BeamSearchBinding::n_running)
      .function("addRow", &BeamSearchBinding::add_row)
      .function("row", &BeamSearchBinding::row)
      .function("advance", &BeamSearchBinding::advance)
      .function("moves", &BeamSearchBinding::moves)
      .function("isDone", &BeamSearchBinding::is_done)
      .function("tokens", &BeamSearchBinding::tokens)
      .function("finish", &BeamSearchBinding::finish)
      .function("sequence", &BeamSearchBinding::sequence)
      .function("score", &BeamSearchBinding::score);

  class_<ContrastiveSearchBinding>("ContrastiveSearch")
      .constructor<double, size_t, size_t, const SamplerValue&>()
      .function("begin", &ContrastiveSearchBinding::begin)
      .function("addContext", &ContrastiveSearchBinding::add_context)
      .function("process", &ContrastiveSearchBinding::process)
      .function("row", &ContrastiveSearchBinding::row)
      .function("findCandidates", &ContrastiveSearchBinding::find_candidates)
      .function("ids", &ContrastiveSearchBinding::ids)
      .function("addCandidate", &ContrastiveSearchBinding::add_candidate)
      .function("choose", &ContrastiveSearchBinding::choose)
      .function("chosen", &ContrastiveSearchBinding::chosen);

  value_object<MemoryValue>("MemoryStats")
      .field("bytesInUse", &MemoryValue::bytes_in_use)
      .field("peakBytes", &MemoryValue::peak_bytes)
      .field("kvPages", &MemoryValue::kv_pages)
      .field("heapBytes", &MemoryValue::heap_bytes);

  function("memoryStats", &memory_value);
  function("hasHeadroom", +[](double bytes) { return has_headroom(static_cast<size_t>(bytes)); });
  function("setMemoryLimit", +[](double bytes) { set_memory_limit(static_cast<size_t>(bytes)); });
  function("setThreads", &start_threads);
  function(
      "setDotForm", +[](const std::string& type, const std::string& form) {
        set_dot_form(to_weight_type(type), to_dot_form(form));
      });
  function(
      "runSampleProducts", +[](const std::string& type, const std::string& form, size_t n) {
        run_sample_products(to_weight_type(type), to_dot_form(form), n);
      });
  function("maxChunk", +[] { return kMostBatchRows; });
  function("pagePositions", +[] { return kPagePositions; });
  function("sessionHeaderBytes", +[] { return SessionReaderBinding::kHeaderBytes; });
}
