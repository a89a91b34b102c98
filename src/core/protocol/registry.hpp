// Protocol to Codec. Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol {

// Nullptr for a protocol this build has no codec for.
const Codec* codec(Protocol protocol);

}  // namespace tpool::protocol
