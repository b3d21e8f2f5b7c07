// The one form in which a DecoderConfig crosses: the object that
// web/architectures/decoder-config.ts describes.
#pragma once

#include <emscripten/val.h>

#include "base/result.h"
#include "model/decoder_config.h"

namespace sotto {

struct ConfigObject : emscripten::val {
  explicit ConfigObject(const emscripten::val& object) : val(object) {}
};

// kBadConfig, with the field's name, for one that is missing, unknown, of another type, not finite
// or out of its bounds.
Result<DecoderConfig> read_config(const ConfigObject& object);

}  // namespace sotto
