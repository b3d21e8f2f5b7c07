// The activation functions of MLPs and gates by name. The list itself is activations.inc.
#pragma once

#include <optional>
#include <string_view>

namespace sotto {

enum class Activation {
#define SOTTO_ACTIVATION(enumerator, name, function) enumerator,
#include "kernels/activations.inc"
#undef SOTTO_ACTIVATION
};

// nullopt for a name that is not in the list.
inline std::optional<Activation> parse_activation(std::string_view text) {
#define SOTTO_ACTIVATION(enumerator, name, function) \
  if (text == (name)) return Activation::enumerator;
#include "kernels/activations.inc"
#undef SOTTO_ACTIVATION
  return std::nullopt;
}

}  // namespace sotto
