// What the tests see of beam search and contrastive search. In the test module only.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/check.h"
#include "sampling/beam_search.h"
#include "sampling/contrastive_search.h"
#include "sampling/log_probabilities.h"

namespace sotto {
namespace {

using emscripten::val;
using Address = uintptr_t;

float* f32_at(Address address) { return reinterpret_cast<float*>(address); }

val array_of(std::span<const int32_t> values) { return val::array(values.begin(), values.end()); }

EarlyStopping early_stopping(const val& value) {
  if (value.isTrue()) return EarlyStopping::kAlways;
  return value.isFalse() ? EarlyStopping::kHeuristic : EarlyStopping::kNever;
}

// { numBeams, numReturnSequences, lengthPenalty, earlyStopping: true | false | 'never',
// maxNewTokens, endTokenIds }
BeamOptions beam_options(const val& options) {
  return {.n_beams = options["numBeams"].as<size_t>(),
          .n_return = options["numReturnSequences"].as<size_t>(),
          .length_penalty = options["lengthPenalty"].as<double>(),
          .early_stopping = early_stopping(options["earlyStopping"]),
          .max_new_tokens = options["maxNewTokens"].as<size_t>(),
          .end_tokens = emscripten::convertJSArrayToNumberVector<int32_t>(options["endTokenIds"])};
}

class BeamSearchHook {
 public:
  explicit BeamSearchHook(const val& options) : search_(beam_options(options)) {}

  size_t n_running() const { return search_.n_running(); }
  bool is_done() const { return search_.is_done(); }
  val tokens(size_t beam) const { return array_of(search_.tokens(beam)); }

  // [{ parent, token }]
  val advance(Address log_probabilities, size_t vocab_size) {
    val moves = val::array();
    const size_t size = search_.n_running() * vocab_size;
    for (const auto& [parent, token] : search_.advance({f32_at(log_probabilities), size})) {
      val move = val::object();
      move.set("parent", parent);
      move.set("token", token);
      moves.call<void>("push", move);
    }
    return moves;
  }

  // [{ tokenIds, score, endedByEndToken }]
  val finish() const {
    val sequences = val::array();
    for (const auto& sequence : search_.finish()) {
      val value = val::object();
      value.set("tokenIds", array_of(sequence.tokens));
      value.set("score", sequence.score);
      value.set("endedByEndToken", sequence.ended_by_end_token);
      sequences.call<void>("push", value);
    }
    return sequences;
  }

 private:
  BeamSearch search_;
};

// Refusals are given as their message.
class ContrastiveSearchHook {
 public:
  ContrastiveSearchHook(double penalty_alpha, size_t top_k, size_t hidden_size)
      : search_(penalty_alpha, top_k, hidden_size), hidden_size_(hidden_size) {}

  std::string add_context(Address hidden, size_t n) {
    const Status status = search_.add_context({f32_at(hidden), n * hidden_size_});
    return status.is_ok() ? "" : status.error().message;
  }
  val candidates(Address logits, size_t vocab_size) {
    auto tokens = search_.candidates({f32_at(logits), vocab_size});
    if (!tokens.is_ok()) return val(tokens.error().message);
    n_candidates_ = tokens.value().size();
    return array_of(tokens.value());
  }
  val choose(Address candidate_hidden) {
    auto chosen = search_.choose({f32_at(candidate_hidden), n_candidates_ * hidden_size_});
    return chosen.is_ok() ? val(chosen.value()) : val(chosen.error().message);
  }

 private:
  ContrastiveSearch search_;
  size_t hidden_size_;
  size_t n_candidates_ = 0;
};

bool log_softmax_hook(Address logits, size_t vocab_size, Address out) {
  return log_softmax({f32_at(logits), vocab_size}, f32_at(out)).is_ok();
}

}  // namespace
}  // namespace sotto

// NOLINTNEXTLINE(*-identifier-naming): Embind's macro names a function after its argument.
EMSCRIPTEN_BINDINGS(sotto_test_search) {
  using namespace emscripten;  // NOLINT(*-using-namespace)
  using namespace sotto;       // NOLINT(*-using-namespace)

  function("logSoftmax", &log_softmax_hook);

  class_<BeamSearchHook>("TestBeamSearch")
      .constructor<val>()
      .function("nRunning", &BeamSearchHook::n_running)
      .function("isDone", &BeamSearchHook::is_done)
      .function("tokens", &BeamSearchHook::tokens)
      .function("advance", &BeamSearchHook::advance)
      .function("finish", &BeamSearchHook::finish);

  class_<ContrastiveSearchHook>("TestContrastiveSearch")
      .constructor<double, size_t, size_t>()
      .function("addContext", &ContrastiveSearchHook::add_context)
      .function("candidates", &ContrastiveSearchHook::candidates)
      .function("choose", &ContrastiveSearchHook::choose);
}
