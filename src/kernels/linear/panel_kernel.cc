#include "kernels/linear/panel_kernel.h"

#include "base/check.h"

namespace sotto {
namespace {

constexpr PanelKernel kKernels[] = {
#define SOTTO_PANEL_KERNEL(name, type, layout, least_rows) \
  {#name, WeightType::type, RowLayout::layout, least_rows, name},
#include "kernels/linear/kernels.inc"
#undef SOTTO_PANEL_KERNEL
};

constexpr KernelConstants kConstants = {
    .f16_fields = {0x8FFFE000U, 0x8FFFE000U, 0x8FFFE000U, 0x8FFFE000U},
    .f16_unit = {0x1p112F, 0x1p112F, 0x1p112F, 0x1p112F},
    .ones = {1, 1, 1, 1, 1, 1, 1, 1},
    .low_nibbles = {15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15},
    .nibble_of_i16 = {15, 15, 15, 15, 15, 15, 15, 15},
};

}  // namespace

const KernelConstants* const volatile kernel_constants = &kConstants;

std::span<const PanelKernel> panel_kernels() { return kKernels; }

const PanelKernel& panel_kernel_for(WeightType type, size_t n_x_rows) {
  const PanelKernel* best = nullptr;
  for (const PanelKernel& kernel : kKernels) {
    if (kernel.type == type && n_x_rows >= kernel.least_x_rows) best = &kernel;
  }
  SOTTO_CHECK(best != nullptr);
  return *best;
}

}  // namespace sotto
