#include "kernels/linear/dot_probe.h"

#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

// As many rows as hide what a kernel does once a panel, as the hundred of a prompt do.
constexpr size_t kRows = 16;
constexpr size_t kBlocks = kKBlockColumns / kBlockColumns;

struct Operands {
  alignas(16) uint8_t panel[kBlocks * kQ8BlockBytes];  // the largest type's
  alignas(16) uint8_t values[kRows * kBlocks * kBlockColumns * sizeof(int16_t)];
  alignas(16) uint8_t scratch[scratch_bytes(kBlocks)];
  float scales[kRows * kBlocks];
  int32_t sums[kRows * kBlocks];
  float offsets[kRows * kBlocks];
  int16_t pair_sums[kRows * kBlocks * 4];
  float y[kRows * kPanelRows];
};

Operands operands;

}  // namespace

void run_sample_products(WeightType type, DotForm form, size_t n) {
  const PanelKernel& kernel = panel_kernel_for(type, kRows, form);
  const PanelProduct product = {
      .panel = operands.panel,
      .x = {operands.values, operands.scales, operands.sums, operands.offsets, operands.pair_sums,
            kBlocks},
      .n_x_rows = kRows,
      .y = operands.y,
      .y_stride = kPanelRows,
      .n_y = kPanelRows,
      .scratch = operands.scratch,
  };
  for (size_t i = 0; i < n; ++i) kernel.multiply(product);
}

}  // namespace sotto
