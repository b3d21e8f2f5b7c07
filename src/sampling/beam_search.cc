#include "sampling/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

// In f32, as transformers divides a tensor by a number; the divisor is kept from overflowing and
// from 0, so that every score is a number and they compare.
float score_of(float sum, size_t length, double length_penalty) {
  using Limits = std::numeric_limits<float>;
  const double divisor = std::pow(static_cast<double>(length), length_penalty);
  return sum /
         static_cast<float>(std::clamp(divisor, double{Limits::min()}, double{Limits::max()}));
}

}  // namespace

// transformers starts with n_beams equal beams of which all but the first have the sum -1e9, so
// that nothing of theirs is chosen: the same as one beam.
BeamSearch::BeamSearch(BeamOptions options) : options_(std::move(options)) {
  SOTTO_CHECK(options_.n_beams >= 1 && options_.max_new_tokens >= 1);
  running_.push_back({{}, 0});
}

// The heap of a step's entries, and the tokens of the next beams and of those that end.
size_t BeamSearch::step_bytes(size_t vocab_size) const {
  constexpr size_t kBlockBytes = 64;  // of a vector, beside its values
  const size_t sequence_bytes =
      2 * sizeof(int32_t) * (length_ + 1) + sizeof(Sequence) + kBlockBytes;
  return 3 * n_wanted(vocab_size) * sizeof(LargestEntries::Entry) +
         3 * options_.n_beams * (sequence_bytes + sizeof(Move) + 2 * sizeof(int32_t));
}

size_t BeamSearch::n_wanted(size_t vocab_size) const {
  const uint64_t most = (1 + uint64_t{options_.end_tokens.size()}) * options_.n_beams;
  return static_cast<size_t>(std::min<uint64_t>(most, running_.size() * uint64_t{vocab_size}));
}

// Each beam has at most n_end_tokens continuations that end it, so among the (1 + n_end_tokens)
// n_beams best there are n_beams that run on, if so many exist.
std::span<const BeamSearch::Move> BeamSearch::advance(std::span<const float> log_probabilities) {
  SOTTO_CHECK(!is_done_ && log_probabilities.size() % running_.size() == 0);
  const size_t vocab_size = log_probabilities.size() / running_.size();
  largest_.start(n_wanted(vocab_size));
  for (size_t beam = 0; beam < running_.size(); ++beam) {
    largest_.add_row(log_probabilities.subspan(beam * vocab_size, vocab_size), running_[beam].sum,
                     static_cast<uint32_t>(beam));
  }

  moves_.clear();
  const auto likeliest = largest_.sorted();
  if (likeliest.empty() && ended_.empty()) return moves_;
  ++length_;
  const bool is_full_length = length_ == options_.max_new_tokens;
  next_.clear();
  size_t rank = 0;
  for (const auto& [sum, parent, token] : likeliest) {
    const bool is_end = is_end_token(token);
    const bool has_ended = is_end || is_full_length;
    // An ending below the n_beams best continuations does not count: those beyond them are there
    // only to run on in the place of beams that end.
    const bool is_kept = has_ended ? rank < options_.n_beams : next_.size() < options_.n_beams;
    ++rank;
    if (!is_kept) continue;
    std::vector<int32_t> tokens = running_[parent].tokens;
    tokens.push_back(token);
    if (has_ended) {
      add_ended(
          {std::move(tokens), score_of(sum, length_, options_.length_penalty), is_end, parent});
    } else {
      moves_.push_back({parent, token});
      next_.push_back({std::move(tokens), sum});
    }
  }
  std::swap(running_, next_);
  is_done_ = running_.empty() || !can_improve();
  if (is_done_) moves_.clear();
  return moves_;
}

bool BeamSearch::is_end_token(int32_t token) const {
  const auto& end_tokens = options_.end_tokens;
  return std::find(end_tokens.begin(), end_tokens.end(), token) != end_tokens.end();
}

void BeamSearch::add_ended(Sequence sequence) {
  const auto place =
      std::upper_bound(ended_.begin(), ended_.end(), sequence,
                       [](const Sequence& a, const Sequence& b) { return a.score > b.score; });
  ended_.insert(place, std::move(sequence));
  if (ended_.size() > options_.n_beams) ended_.pop_back();
}

// Whether a running beam may still end among the n_beams best.
bool BeamSearch::can_improve() const {
  if (ended_.size() < options_.n_beams) return true;
  if (options_.early_stopping == EarlyStopping::kAlways) return false;
  // A sum is at most 0, so a score grows with the length when the penalty is positive.
  const bool looks_ahead =
      options_.early_stopping == EarlyStopping::kNever && options_.length_penalty > 0;
  const size_t length = looks_ahead ? options_.max_new_tokens : length_;
  return score_of(running_.front().sum, length, options_.length_penalty) > ended_.back().score;
}

const BeamSearch::Sequence* BeamSearch::new_best() const {
  const bool is_new = !ended_.empty() && ended_.front().tokens.size() == length_;
  return is_new ? &ended_.front() : nullptr;
}

std::span<const BeamSearch::Sequence> BeamSearch::finish() const {
  return std::span(ended_).first(std::min(options_.n_return, ended_.size()));
}

}  // namespace sotto
