#include "model/alt_up.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "kernels/activate_f32_simd.h"
#include "kernels/add_residual_f32_simd.h"
#include "kernels/dot_f32_simd.h"
#include "kernels/scale_f32_simd.h"
#include "kernels/streams_f32_simd.h"
#include "kernels/sum_squares_f32_simd.h"
#include "model/norms.h"

namespace sotto {
namespace {

static_assert(kMaxStreams <= kMostStreams);

// Whoever calls knows that there are streams.
const AltUp& alt_up_of(const Pass& pass) {
  SOTTO_CHECK(pass.config.alt_up.has_value());
  return *pass.config.alt_up;
}

// Where the streams of a row stand in layers: the active one is `hidden`, and the first one has its
// place among the others.
class Streams {
 public:
  Streams(const Pass& pass, size_t row)
      : width_(pass.config.hidden_size), n_(alt_up_of(pass).n_streams) {
    at_[0] = pass.activations().hidden + row * width_;
    float* const others = pass.activations().streams + row * (n_ - 1) * width_;
    for (size_t i = 1; i < n_; ++i) at_[i] = others + (i - 1) * width_;
    std::swap(at_[0], at_[alt_up_of(pass).active]);
  }

  float* const* pointers() const { return at_.data(); }
  float* operator[](size_t stream) const { return at_[stream]; }

 private:
  size_t width_;
  size_t n_;
  std::array<float*, kMaxStreams> at_ = {};
};

float magnitude(const float* x, size_t n, float least_mean_square = 0) {
  const float mean_square = sum_squares_f32_simd(x, n) / static_cast<float>(n);
  return std::sqrt(std::max(mean_square, least_mean_square));
}

void give_magnitude(float* x, size_t n, float wanted) {
  scale_f32_simd(x, n, wanted / magnitude(x, n, /*least_mean_square=*/1e-5F));
}

// Between the two orders of a row's streams: the first one is `hidden`, or the active one is.
void swap_active(const Pass& pass, size_t row) {
  const AltUp& alt_up = alt_up_of(pass);
  if (alt_up.active == 0) return;
  const size_t width = pass.config.hidden_size;
  float* const hidden = pass.activations().hidden + row * width;
  const size_t place = row * (alt_up.n_streams - 1) + alt_up.active - 1;
  std::swap_ranges(hidden, hidden + width, pass.activations().streams + place * width);
}

// routed = tanh(router(norm(x) / hidden)). x: [hidden]; routed: [n_streams].
void route(const Pass& pass, const AltUpLayerWeights& w, size_t row, float* routed) {
  const AltUp& alt_up = alt_up_of(pass);
  const size_t width = pass.config.hidden_size;
  const float* const active = pass.activations().hidden + row * width;
  float* const normed = pass.activations().projected + row * width;
  apply_norm(alt_up.norm, w.router_norm, active, 1, width, normed);
  for (size_t i = 0; i < w.router.rows; ++i) {
    routed[i] = dot_f32_simd(w.router.row(i), normed, width) / static_cast<float>(width);
  }
  activate_f32_simd(Activation::kTanh, routed, 1, w.router.rows, nullptr);
}

}  // namespace

void begin_streams(const Pass& pass, const AltUpWeights& w) {
  const Activations& activations = pass.activations();
  const size_t width = pass.config.hidden_size;
  const size_t n_others = alt_up_of(pass).n_streams - 1;
  w.in.apply(activations.hidden, pass.rows(), activations.streams, pass.space());
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      const float* const hidden = activations.hidden + row * width;
      float* const others = activations.streams + row * n_others * width;
      const float wanted = magnitude(hidden, width);
      for (size_t i = 0; i < n_others; ++i) give_magnitude(others + i * width, width, wanted);
      swap_active(pass, row);
    }
  });
}

void predict_streams(const Pass& pass, const AltUpLayerWeights& w) {
  const Activations& activations = pass.activations();
  const size_t width = pass.config.hidden_size;
  const size_t n_streams = alt_up_of(pass).n_streams;
  pass.for_rows([&](size_t first, size_t n) {
    std::array<float, kMaxStreams> routed;
    std::array<float, size_t{kMaxStreams} * kMaxStreams> coefficients;
    for (size_t row = first; row < first + n; ++row) {
      route(pass, w, row, routed.data());
      for (size_t i = 0; i < n_streams * n_streams; ++i) {
        coefficients[i] = dot_f32_simd(w.prediction.row(i), routed.data(), n_streams);
      }
      const Streams streams(pass, row);
      predict_streams_f32_simd(streams.pointers(), n_streams, width, coefficients.data());
      std::copy_n(activations.hidden + row * width, width, activations.predicted + row * width);
    }
  });
}

void correct_streams(const Pass& pass, const AltUpLayerWeights& w) {
  const Activations& activations = pass.activations();
  const AltUp& alt_up = alt_up_of(pass);
  const size_t width = pass.config.hidden_size;
  const size_t n_streams = alt_up.n_streams;
  pass.for_rows([&](size_t first, size_t n) {
    std::array<float, kMaxStreams> routed;
    std::array<float, kMaxStreams> coefficients;
    for (size_t row = first; row < first + n; ++row) {
      route(pass, w, row, routed.data());
      for (size_t i = 0; i < n_streams; ++i) {
        coefficients[i] = 1 + dot_f32_simd(w.correction.row(i), routed.data(), n_streams);
      }
      const Streams streams(pass, row);
      correct_streams_f32_simd(streams.pointers(), n_streams, alt_up.active, width,
                               activations.predicted + row * width, coefficients.data());
    }
  });
}

const float* scaled_active_stream(const Pass& pass, const AltUpLayerWeights& w) {
  const Activations& activations = pass.activations();
  if (!alt_up_of(pass).has_output_scale) return activations.hidden;
  const size_t width = pass.config.hidden_size;
  const float* const scale = w.output_scale.data();
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      const float* const hidden = activations.hidden + row * width;
      float* const scaled = activations.normed + row * width;
      for (size_t i = 0; i < width; ++i) scaled[i] = hidden[i] * scale[i];
    }
  });
  return activations.normed;
}

void add_to_streams(const Pass& pass, size_t first, size_t n) {
  const size_t width = pass.config.hidden_size;
  const size_t n_streams = alt_up_of(pass).n_streams;
  for (size_t row = first; row < first + n; ++row) {
    const Streams streams(pass, row);
    const float* const projected = pass.activations().projected + row * width;
    for (size_t i = 1; i < n_streams; ++i) {
      add_residual_f32_simd(streams[i], projected, 1, width, nullptr, 1);
    }
  }
}

void end_streams(const Pass& pass) {
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) swap_active(pass, row);
  });
}

void merge_streams(const Pass& pass, const AltUpWeights& w, size_t n_rows) {
  const Activations& activations = pass.activations();
  const size_t width = pass.config.hidden_size;
  const size_t n_streams = alt_up_of(pass).n_streams;
  const size_t n_others = n_streams - 1;
  // One product for all of them, so that weights are read once: of stream i, the i-th part of what
  // it makes of it counts.
  const size_t chunk = kMostBatchRows / n_others;
  for (size_t begin = 0; begin < n_rows; begin += chunk) {
    const size_t n = std::min(chunk, n_rows - begin);
    w.out.apply(activations.streams + begin * n_others * width, n * n_others, activations.inner,
                pass.space());
    pass.pool().parallel_for(n, 1, [&](size_t first, size_t last, size_t) {
      for (size_t row = first; row < last; ++row) {
        const float* const hidden = activations.hidden + (begin + row) * width;
        float* const merged = activations.normed + (begin + row) * width;
        float* const products = activations.inner + row * n_others * n_others * width;
        const float wanted = magnitude(hidden, width);
        std::copy_n(hidden, width, merged);
        for (size_t i = 0; i < n_others; ++i) {
          float* const part = products + i * (n_others + 1) * width;
          give_magnitude(part, width, wanted);
          add_residual_f32_simd(merged, part, 1, width, nullptr, 1);
        }
        scale_f32_simd(merged, width, 1 / static_cast<float>(n_streams));
      }
    });
  }
}

}  // namespace sotto
