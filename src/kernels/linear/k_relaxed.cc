#include "kernels/linear/k_product.h"

namespace sotto {

void q4_k_pairs(const PanelProduct& p) { multiply_k_rows<Q4KBlocks, DotForm::kPairs>(p); }
void q5_k_pairs(const PanelProduct& p) { multiply_k_rows<Q5KBlocks, DotForm::kPairs>(p); }
void q6_k_pairs(const PanelProduct& p) { multiply_k_rows<Q6KBlocks, DotForm::kPairs>(p); }

void q4_k_quads(const PanelProduct& p) { multiply_k_rows<Q4KBlocks, DotForm::kQuads>(p); }
void q5_k_quads(const PanelProduct& p) { multiply_k_rows<Q5KBlocks, DotForm::kQuads>(p); }
void q6_k_quads(const PanelProduct& p) { multiply_k_rows<Q6KBlocks, DotForm::kQuads>(p); }

}  // namespace sotto
