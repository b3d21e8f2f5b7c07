#include "sampling/token_mask.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

#include "base/memory.h"
#include "sampling/growth.h"

namespace sotto {
namespace {

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();
constexpr uint32_t kAll = ~uint32_t{0};

// 32 logits: those whose bit is not set become minus infinity.
void apply_word(uint32_t word, float* logits) {
  const v128_t ruled_out = wasm_f32x4_splat(kRuledOut);
  const v128_t lane_bits = wasm_i32x4_make(1, 2, 4, 8);
  for (size_t i = 0; i < kMaskWordTokens; i += 4) {
    const v128_t bits = wasm_v128_and(wasm_i32x4_splat(static_cast<int32_t>(word >> i)), lane_bits);
    const v128_t may_be = wasm_i32x4_eq(bits, lane_bits);
    const v128_t x = wasm_v128_load(logits + i);
    wasm_v128_store(logits + i, wasm_v128_bitselect(x, ruled_out, may_be));
  }
}

}  // namespace

Status TokenMask::begin(size_t n_words) {
  words_.clear();
  SOTTO_RETURN_IF_ERROR(ensure_headroom(growth_bytes(words_, n_words), "a mask of the vocabulary"));
  words_.resize(n_words);
  return {};
}

Status TokenMask::check(size_t vocab_size) const {
  const size_t n_words = (vocab_size + kMaskWordTokens - 1) / kMaskWordTokens;
  if (words_.size() == n_words) return {};
  return Error{ErrorCode::kBadOption, "the mask has " + std::to_string(words_.size()) +
                                          " words; the vocabulary's " + std::to_string(vocab_size) +
                                          " tokens take " + std::to_string(n_words) + "."};
}

void TokenMask::apply(std::span<float> logits) const {
  const size_t n_whole = logits.size() / kMaskWordTokens;
  for (size_t i = 0; i < n_whole; ++i) {
    if (words_[i] != kAll) apply_word(words_[i], &logits[kMaskWordTokens * i]);
  }
  for (size_t i = kMaskWordTokens * n_whole; i < logits.size(); ++i) {
    const uint32_t bit = words_[n_whole] >> (i - kMaskWordTokens * n_whole) & 1;
    if (bit == 0) logits[i] = kRuledOut;
  }
}

std::optional<int32_t> TokenMask::only_token() const {
  const auto is_zero = [](uint32_t word) { return word == 0; };
  const auto first = std::find_if_not(words_.begin(), words_.end(), is_zero);
  if (first == words_.end() || !std::has_single_bit(*first)) return {};
  if (!std::all_of(first + 1, words_.end(), is_zero)) return {};
  const auto index = static_cast<size_t>(first - words_.begin());
  return static_cast<int32_t>(kMaskWordTokens * index + std::countr_zero(*first));
}

}  // namespace sotto
