#include "kernels/linear/panel_kernel.h"

#include "base/check.h"

namespace sotto {
namespace {

constexpr PanelKernel kKernels[] = {
#define SOTTO_PANEL_KERNEL(name, type, layout, form, least_rows) \
  {#name, WeightType::type, RowLayout::layout, DotForm::form, least_rows, name},
#include "kernels/linear/kernels.inc"
#undef SOTTO_PANEL_KERNEL
};

constexpr KernelConstants kConstants = {
    .f16_fields = {0x8FFFE000U, 0x8FFFE000U, 0x8FFFE000U, 0x8FFFE000U},
    .f16_unit = {0x1p112F, 0x1p112F, 0x1p112F, 0x1p112F},
    .ones = {1, 1, 1, 1, 1, 1, 1, 1},
    .low_nibbles = {15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15},
    .nibble_of_i16 = {15, 15, 15, 15, 15, 15, 15, 15},
    .u7_zeros = {64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64},
    .bits_0_1 = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3},
    .bits_2_3 = {12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12},
    .bits_2_4 = {28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28},
    .bits_4_5 = {48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48},
    .bits_0_4 = {31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31},
    .bits_0_5 = {63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63},
    .low_bytes = {255, 255, 255, 255, 255, 255, 255, 255},
    .q6_k_zeros = {-32, -32, -32, -32, -32, -32, -32, -32},
};
static_assert(kConstants.u7_zeros[0] == kU7Zero);

// By weight type.
DotForm forms_in_use[] = {
#define SOTTO_WEIGHT_TYPE(...) DotForm::kPairs,
#include "tensor/weight_types.inc"
#undef SOTTO_WEIGHT_TYPE
};

}  // namespace

const KernelConstants* const volatile kernel_constants = &kConstants;

std::span<const PanelKernel> panel_kernels() { return kKernels; }

void set_dot_form(WeightType type, DotForm form) { forms_in_use[static_cast<size_t>(type)] = form; }

DotForm dot_form(WeightType type) { return forms_in_use[static_cast<size_t>(type)]; }

const PanelKernel& panel_kernel_for(WeightType type, size_t n_x_rows, DotForm form) {
  const PanelKernel* best = nullptr;
  for (const PanelKernel& kernel : kKernels) {
    const bool is_fit = kernel.form == DotForm::kAny || kernel.form == form;
    if (kernel.type == type && is_fit && n_x_rows >= kernel.least_x_rows) best = &kernel;
  }
  SOTTO_CHECK(best != nullptr);
  return *best;
}

}  // namespace sotto
