// What the tests see of the engine's inside: the heap, and samplers over raw addresses of it. In
// the test module only.
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

#include "base/memory.h"
#include "bindings/handles.h"
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

class SamplerHook {
 public:
  explicit SamplerHook(const SamplerValue& value)
      : sampler_(to_options(value)), chain_(to_options(value)) {}

  void begin(const TypedArray<int32_t>& prompt) { sampler_.begin(to_token_ids(prompt)); }
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

  // The words of a mask for the next choice, to be written.
  val mask(size_t n_words) {
    status_ = to_value(sampler_.mask().begin(n_words));
    const auto words = sampler_.mask().words();
    return val(typed_memory_view(words.size(), words.data()));
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

  class_<SamplerHook>("TestSampler")
      .constructor<const SamplerValue&>()
      .function("begin", &SamplerHook::begin)
      .function("accept", &SamplerHook::accept)
      .function("process", &SamplerHook::process)
      .function("filter", &SamplerHook::filter)
      .function("tokens", &SamplerHook::tokens)
      .function("logits", &SamplerHook::logits)
      .function("mask", &SamplerHook::mask)
      .function("sample", &SamplerHook::sample)
      .function("processCopy", &SamplerHook::process_copy)
      .function("choose", &SamplerHook::choose)
      .function("status", &SamplerHook::status);

  class_<RandomHook>("Random").constructor<double>().function("uniform", &RandomHook::uniform);
}
