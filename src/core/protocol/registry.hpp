// Protocol to Codec. Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol {

// Nullptr for a protocol no client speaks to us.
const Codec* codec(Protocol protocol);

// Nullptr for a protocol no provider is called by: echo has no wire.
const ProviderCodec* provider_codec(Protocol protocol);

}  // namespace tpool::protocol
