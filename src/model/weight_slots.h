// Which tensors a model of a config has, by the engine's names, and where each goes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "model/weights.h"

namespace sotto {

// Exactly one of linear and table is set.
struct WeightSlot {
  std::string name;
  Linear* linear = nullptr;
  Table* table = nullptr;
  size_t rows = 0;
  size_t columns = 0;
  bool is_turned = false;       // a table that is kept as [columns, rows]
  RowTable* by_rows = nullptr;  // whose `linear` it is
};

// Calls `add` for each tensor in the order in which they are missed, and gives every linear map of
// `weights` its shape.
void for_each_weight_slot(const DecoderConfig& config, Weights* weights,
                          const std::function<void(const WeightSlot&)>& add);

}  // namespace sotto
