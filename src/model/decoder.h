// The forward pass of every architecture: one decoder, read top to bottom in decoder.cc.
#pragma once

#include <span>

#include "model/batch.h"
#include "model/taps.h"
#include "model/weights.h"
#include "model/workspace.h"

namespace sotto {

// Runs `batch` (at most kMostBatchRows rows; a sequence's rows together, in ascending consecutive
// positions from its length on, reserved beforehand) through the decoder, and leaves each row's
// keys, values and recurrent state in its sequence, whose length the caller then advances.
// `logits`: [rows that want logits, vocab], in batch order. `taps`: what else is kept of the pass,
// most often nothing.
//
// kUnreadable where a file does not give what stays in it: nothing has changed then.
//
// A row's logits depend on its own sequence alone, never on the rows beside it: every reduction has
// one order.
Status forward(const DecoderConfig& config, const Weights& weights, std::span<const BatchRow> batch,
               const Workspace& workspace, float* logits, std::span<const Tap> taps = {});

}  // namespace sotto
