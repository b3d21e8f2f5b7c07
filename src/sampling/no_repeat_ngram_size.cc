#include <algorithm>

#include "sampling/ruled_out.h"
#include "sampling/sampling_chain.h"

namespace sotto {

// Rules out each token that would complete an n-gram which prompt and answer have already (Paulus,
// Xiong, Socher, 2017, arXiv:1705.04304): wherever the last n - 1 tokens stand earlier, the one
// behind them.
void apply_no_repeat_ngram_size(const int32_t& size, ProcessorInput& input) {
  const auto tokens = input.history.tokens;
  const auto n = static_cast<size_t>(size);
  if (tokens.size() < n) return;
  const auto suffix = tokens.last(n - 1);
  for (size_t begin = 0; begin + n <= tokens.size(); ++begin) {
    if (!std::equal(suffix.begin(), suffix.end(), tokens.begin() + static_cast<ptrdiff_t>(begin)))
      continue;
    input.logits[tokens[begin + n - 1]] = kRuledOut;
  }
}

}  // namespace sotto
