// The boundary to JavaScript: what the handles beside this file and their methods are called in
// web/engine. (The fields of a config have their names in model/decoder_config_fields.h.) Nothing
// throws: what can fail returns { code, message }, code '' meaning success, or a number where a
// step should not wait for strings.
#include <emscripten/bind.h>
#include <emscripten/heap.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/memory.h"
#include "bindings/batch_handle.h"
#include "bindings/beam_search_handle.h"
#include "bindings/contrastive_search_handle.h"
#include "bindings/load_plan_handle.h"
#include "bindings/session_bytes_handles.h"
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

  register_type<ConfigObject>("object");
  register_type<ReadRowFunction>("(row: number, bytes: Uint8Array) => string");
  register_type<TypedArray<uint8_t>>("Uint8Array");
  register_type<TypedArray<int32_t>>("Int32Array");
  register_type<TypedArray<uint32_t>>("Uint32Array");
  register_type<TypedArray<float>>("Float32Array");
  register_type<TypedArray<double>>("Float64Array");

  class_<ModelBinding>("Model")
      .constructor<const ConfigObject&, const std::string&, bool>()
      .function("status", &ModelBinding::status)
      .function("beginTensor(request)", &ModelBinding::begin_tensor)
      .function("partType", &ModelBinding::part_type)
      .function("staging", &ModelBinding::staging)
      .function("writeChunk(nBytes)", &ModelBinding::write_chunk)
      .function("endTensor", &ModelBinding::end_tensor)
      .function("keepOutside(request, readRow)", &ModelBinding::keep_outside)
      .function("finish", &ModelBinding::finish)
      .function("weightBytes", &ModelBinding::weight_bytes)
      .function("weightBytesOf(type)", &ModelBinding::weight_bytes_of)
      .function("sequenceBytes(nPositions)", &ModelBinding::sequence_bytes)
      .function("listBytes(nPositions)", &ModelBinding::list_bytes)
      .function("kvType", &ModelBinding::kv_type)
      .function("isCutAnywhere", &ModelBinding::is_cut_anywhere);

  class_<LoadPlanBinding>("LoadPlan")
      .constructor<const ConfigObject&, const std::string&, bool>()
      .function("status", &LoadPlanBinding::status)
      .function("add(request)", &LoadPlanBinding::add)
      .function("keepOutside(name)", &LoadPlanBinding::keep_outside)
      .function("addOthers", &LoadPlanBinding::add_others)
      .function("weightBytes", &LoadPlanBinding::weight_bytes)
      .function("weightBytesOf(type)", &LoadPlanBinding::weight_bytes_of)
      .function("loadedBytes", &LoadPlanBinding::loaded_bytes)
      .function("peakBytes", &LoadPlanBinding::peak_bytes)
      .function("sessionBytes(nTokens)", &LoadPlanBinding::session_bytes);

  class_<SessionBinding>("Session")
      .constructor<const ModelBinding&>()
      .function("status", &SessionBinding::status)
      .function("number", &SessionBinding::number)
      .function("length", &SessionBinding::length)
      .function("tokens", &SessionBinding::tokens)
      .function("logits", &SessionBinding::logits)
      .function("nLogitRows", &SessionBinding::n_logit_rows)
      .function("logProbabilities(row, token, nAlternatives)", &SessionBinding::log_probabilities)
      .function("releaseLogits", &SessionBinding::release_logits)
      .function("keepLastLogits", &SessionBinding::keep_last_logits)
      .function("truncate(length)", &SessionBinding::truncate)
      .function("rewind(length)", &SessionBinding::rewind)
      .function("stateBytes", &SessionBinding::state_bytes)
      .function("kvBegin(layer)", &SessionBinding::kv_begin)
      .function("fork", &SessionBinding::fork)
      .function("kvPage(layer, page)", &SessionBinding::kv_page)
      .function("readKv(layer, kvHead)", &SessionBinding::read_kv)
      .function("kvValues", &SessionBinding::kv_values)
      .function("setTaps(hidden, attention)", &SessionBinding::set_taps)
      .function("hiddenTap", &SessionBinding::hidden_tap)
      .function("attentionTap", &SessionBinding::attention_tap);

  class_<BatchBinding>("Batch")
      .constructor<>()
      .function("numbers", &BatchBinding::numbers)
      .function("pass(nInputs)", &BatchBinding::pass)
      .function("sample(nChoices)", &BatchBinding::sample)
      .function("takeStatus", &BatchBinding::take_status);

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
      .function("number", &SamplerBinding::number)
      .function("begin(promptIds)", &SamplerBinding::begin)
      .function("accept(token)", &SamplerBinding::accept)
      .function("length", &SamplerBinding::length)
      .function("beginMask(nWords)", &SamplerBinding::begin_mask)
      .function("maskWords", &SamplerBinding::mask_words)
      .function("process(session, row)", &SamplerBinding::process)
      .function("choose", &SamplerBinding::choose)
      .function("status", &SamplerBinding::status);

  value_object<BeamValue>("BeamOptions")
      .field("numBeams", &BeamValue::n_beams)
      .field("numReturnSequences", &BeamValue::n_return)
      .field("lengthPenalty", &BeamValue::length_penalty)
      .field("earlyStopping", &BeamValue::early_stopping)
      .field("maxNewTokens", &BeamValue::max_new_tokens);

  class_<BeamSearchBinding>("BeamSearch")
      .constructor<const BeamValue&, const SamplerValue&, const TypedArray<int32_t>&>()
      .function("nRunning", &BeamSearchBinding::n_running)
      .function("addRow(session, beam)", &BeamSearchBinding::add_row)
      .function("row", &BeamSearchBinding::row)
      .function("beginMask(nWords)", &BeamSearchBinding::begin_mask)
      .function("maskWords", &BeamSearchBinding::mask_words)
      .function("applyMask", &BeamSearchBinding::apply_mask)
      .function("advance", &BeamSearchBinding::advance)
      .function("moves", &BeamSearchBinding::moves)
      .function("bestParent", &BeamSearchBinding::best_parent)
      .function("isDone", &BeamSearchBinding::is_done)
      .function("tokens(beam)", &BeamSearchBinding::tokens)
      .function("finish", &BeamSearchBinding::finish)
      .function("sequence(index)", &BeamSearchBinding::sequence)
      .function("score(index)", &BeamSearchBinding::score);

  class_<ContrastiveSearchBinding>("ContrastiveSearch")
      .constructor<double, uint32_t, uint32_t, const SamplerValue&>()
      .function("begin(ids)", &ContrastiveSearchBinding::begin)
      .function("addContext(session)", &ContrastiveSearchBinding::add_context)
      .function("process(session)", &ContrastiveSearchBinding::process)
      .function("row", &ContrastiveSearchBinding::row)
      .function("beginMask(nWords)", &ContrastiveSearchBinding::begin_mask)
      .function("maskWords", &ContrastiveSearchBinding::mask_words)
      .function("findCandidates", &ContrastiveSearchBinding::find_candidates)
      .function("ids", &ContrastiveSearchBinding::ids)
      .function("addCandidate(session, index)", &ContrastiveSearchBinding::add_candidate)
      .function("choose", &ContrastiveSearchBinding::choose)
      .function("chosen", &ContrastiveSearchBinding::chosen);

  value_object<MemoryValue>("MemoryStats")
      .field("bytesInUse", &MemoryValue::bytes_in_use)
      .field("peakBytes", &MemoryValue::peak_bytes)
      .field("kvPages", &MemoryValue::kv_pages)
      .field("heapBytes", &MemoryValue::heap_bytes);

  function("memoryStats", &memory_value);
  function(
      "hasHeadroom(bytes)", +[](double bytes) { return has_headroom(static_cast<size_t>(bytes)); });
  function(
      "setMemoryLimit(bytes)", +[](double bytes) { set_memory_limit(static_cast<size_t>(bytes)); });
  function("setThreads(nThreads)", &start_threads);
  function(
      "setDotForm(type, form)", +[](const std::string& type, const std::string& form) {
        set_dot_form(to_weight_type(type), to_dot_form(form));
      });
  function(
      "runSampleProducts(type, form, n)",
      +[](const std::string& type, const std::string& form, uint32_t n) {
        run_sample_products(to_weight_type(type), to_dot_form(form), n);
      });
  function("maxChunk", +[] { return uint32_t{kMostBatchRows}; });
  function("pagePositions", +[] { return uint32_t{kPagePositions}; });
  function("sessionHeaderBytes", +[] { return uint32_t{SessionReaderBinding::kHeaderBytes}; });
}
