// The list of kernels (kernels.inc) as a table, and the choice from it.
#pragma once

#include <span>

#include "kernels/linear/dot_form.h"
#include "kernels/linear/panel_product.h"

namespace sotto {

#define SOTTO_PANEL_KERNEL(name, type, layout, form, least_rows) \
  void name(const PanelProduct& product);
#include "kernels/linear/kernels.inc"
#undef SOTTO_PANEL_KERNEL

struct PanelKernel {
  const char* name;
  WeightType type;
  RowLayout layout;
  DotForm form;
  size_t least_x_rows;  // fewer are faster otherwise
  void (*multiply)(const PanelProduct& product);
};

std::span<const PanelKernel> panel_kernels();

// The fastest of this variant and a form, by default the one in use.
const PanelKernel& panel_kernel_for(WeightType type, size_t n_x_rows, DotForm form);
inline const PanelKernel& panel_kernel_for(WeightType type, size_t n_x_rows) {
  return panel_kernel_for(type, n_x_rows, dot_form(type));
}

}  // namespace sotto
