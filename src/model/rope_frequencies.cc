#include "model/rope_frequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sotto {
namespace {

using std::numbers::pi;

// theta^(-2k / dims) for each pair k.
std::vector<double> plain_frequencies(size_t n_pairs, double theta, double dims) {
  std::vector<double> values(n_pairs);
  for (size_t k = 0; k < n_pairs; ++k) {
    values[k] = std::pow(theta, -2.0 * static_cast<double>(k) / dims);
  }
  return values;
}

// What each kind of scaling makes of the plain frequencies.
struct Scaler {
  const Rope& rope;
  bool is_long;
  RopeFrequencies* frequencies;

  std::vector<double>& values() const { return frequencies->values; }

  void operator()(std::monostate) const {}

  void operator()(const LinearScaling& scaling) const {
    for (double& value : values()) value /= scaling.factor;
  }

  // Wavelengths that the original context holds often stay, those that it hardly holds are
  // stretched, and between them is a ramp: Llama 3.1.
  void operator()(const Llama3Scaling& scaling) const {
    const double low = scaling.low_frequency_factor;
    const double high = scaling.high_frequency_factor;
    for (double& value : values()) {
      const double n_turns = scaling.original_context_length * value / (2 * pi);
      const double share = std::clamp((n_turns - low) / (high - low), 0.0, 1.0);
      value = (1 - share) * value / scaling.factor + share * value;
    }
  }

  // Peng et al., 2023, arXiv:2309.00071: as above, the ramp being over the dimensions between those
  // that turn beta_fast and beta_slow times within the original context.
  void operator()(const YarnScaling& scaling) const {
    const double dims = rope.dims;
    const auto dimension_of = [&](double n_turns) {
      return dims * std::log(scaling.original_context_length / (n_turns * 2 * pi)) /
             (2 * std::log(double{rope.theta}));
    };
    double low = dimension_of(scaling.beta_fast);
    double high = dimension_of(scaling.beta_slow);
    if (scaling.is_truncated) {
      low = std::floor(low);
      high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dims - 1);
    if (low == high) high += 0.001;
    for (size_t k = 0; k < values().size(); ++k) {
      const double stretched = std::clamp((static_cast<double>(k) - low) / (high - low), 0.0, 1.0);
      values()[k] = values()[k] / scaling.factor * stretched + values()[k] * (1 - stretched);
    }
    frequencies->attention_factor = scaling.attention_factor;
  }

  // Ding et al., 2024, arXiv:2402.13753.
  void operator()(const LongScaling& scaling) const {
    const auto& factors = is_long ? scaling.long_factors : scaling.short_factors;
    for (size_t k = 0; k < values().size(); ++k) values()[k] /= factors[k];
    frequencies->attention_factor = scaling.attention_factor;
  }

  void operator()(const DynamicScaling& scaling) const {
    const double dims = rope.dims;
    const double theta = rope.theta * std::pow(double{scaling.alpha}, dims / (dims - 2));
    values() = plain_frequencies(values().size(), theta, dims);
  }

  void operator()(const ProportionalScaling& scaling) const {
    const double n_pairs = static_cast<double>(rope.dims) / 2;
    const auto n_turning = static_cast<size_t>(std::lround(scaling.share * n_pairs));
    std::fill(values().begin() + static_cast<ptrdiff_t>(n_turning), values().end(), 0.0);
  }
};

}  // namespace

RopeFrequencies rope_frequencies(const Rope& rope, bool is_long) {
  RopeFrequencies frequencies;
  frequencies.values = plain_frequencies(rope.dims / 2, rope.theta, rope.dims);
  std::visit(Scaler{rope, is_long, &frequencies}, rope.scaling);
  return frequencies;
}

}  // namespace sotto
