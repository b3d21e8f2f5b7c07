#include "kernels/linear/k_product.h"

namespace sotto {

void q4_k_simd(const PanelProduct& product) { multiply_k_rows<Q4KBlocks, DotForm::kAny>(product); }
void q5_k_simd(const PanelProduct& product) { multiply_k_rows<Q5KBlocks, DotForm::kAny>(product); }
void q6_k_simd(const PanelProduct& product) { multiply_k_rows<Q6KBlocks, DotForm::kAny>(product); }

}  // namespace sotto
