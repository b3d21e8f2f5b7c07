// Beam search: of all continuations of the n beams, the n likeliest run on; those that end compete
// by score = (sum of log-probabilities) / length^length_penalty (Wu and others, 2016,
// arXiv:1609.08144, section 7, in the form that Hugging Face's generate gives it). The same tokens
// as generate(num_beams > 1, do_sample=False) of transformers 5 for one prompt.
//
// The engine runs the model and the logits processors, this decides:
//
//   BeamSearch search(options);                  // one running beam: the prompt
//   while (!search.is_done()) {
//     // one row of log-probabilities for each running beam, with tokens(beam) as its history
//     for (const auto& move : search.advance(rows)) … // fork the cache of move.parent, append
//     move.token
//   }
//   search.finish();
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sampling/largest_entries.h"

namespace sotto {

// When a search whose n_beams best ended sequences are known goes on.
enum class EarlyStopping {
  kAlways,     // never: it is done
  kHeuristic,  // while the best running beam, as long as it is now, scores above the worst of them
  kNever,      // the same at the length at which the best running beam could score highest
};

// Validated: n_beams >= 1, 1 <= n_return <= n_beams, max_new_tokens >= 1, length_penalty finite.
struct BeamOptions {
  size_t n_beams = 1;
  size_t n_return = 1;
  double length_penalty = 1;  // above 0 favours long sequences, below 0 short ones
  EarlyStopping early_stopping = EarlyStopping::kHeuristic;
  size_t max_new_tokens = 1;  // a sequence of this length has ended
  std::vector<int32_t> end_tokens;
};

class BeamSearch {
 public:
  explicit BeamSearch(BeamOptions options);

  // Beams that can still grow: one before the first step, then n_beams, or fewer where the
  // processors leave fewer continuations.
  size_t n_running() const { return running_.size(); }

  // What running beam `beam` has generated so far, without the prompt.
  const std::vector<int32_t>& tokens(size_t beam) const { return running_[beam].tokens; }

  // A beam that runs on: its place in the span is its number from now on.
  struct Move {
    size_t parent;  // the number of the beam that it continues, before this step
    int32_t token;
  };

  // Bytes that the vectors may grow by in a step. Who advances asks for headroom before
  // (ensure_headroom).
  size_t step_bytes(size_t vocab_size) const;

  // One step. `log_probabilities`: [n_running, vocab], after log_softmax and the processors; minus
  // infinity bans a token, none is NaN. Returns the beams to run next, empty when the search is
  // done, or, with nothing changed, when no beam can go on and no sequence has ended yet; valid
  // until the next call. Equal sums: the lower parent goes first, then the lower token. Not to be
  // called when is_done().
  std::span<const Move> advance(std::span<const float> log_probabilities);

  bool is_done() const { return is_done_; }

  struct Sequence {
    std::vector<int32_t> tokens;  // generated ones, the end token included
    float score;
    bool ended_by_end_token;  // else by max_new_tokens
    size_t parent;            // the beam that it ended from, as numbered before that step
  };

  // The n_return best sequences that have ended, the best first; equal ones in the order in which
  // they ended. Fewer only where the processors left fewer ways to go on; none before the first
  // has ended. Valid until the next step.
  std::span<const Sequence> finish() const;

  // The best sequence so far when it ended in the last step, else nullptr: what its parent has read
  // is all of it but the last token, and worth keeping.
  const Sequence* new_best() const;

 private:
  struct Beam {
    std::vector<int32_t> tokens;
    float sum;  // of its tokens' log-probabilities
  };

  bool is_end_token(int32_t token) const;
  // Entries of a step that may count.
  size_t n_wanted(size_t vocab_size) const;
  void add_ended(Sequence sequence);
  bool can_improve() const;

  BeamOptions options_;
  std::vector<Beam> running_;  // the largest sum first
  std::vector<Beam> next_;
  std::vector<Sequence> ended_;  // the n_beams best, the best first
  std::vector<Move> moves_;
  LargestEntries largest_;
  size_t length_ = 0;  // tokens generated in each running beam
  bool is_done_ = false;
};

}  // namespace sotto
