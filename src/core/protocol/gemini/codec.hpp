// The Gemini API (models/MODEL:generateContent), towards providers only: no client speaks it to us.
// Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::gemini {

const ProviderCodec& codec();

}  // namespace tpool::protocol::gemini
