#include "core/protocol/registry.hpp"

#include "core/protocol/chat/codec.hpp"
#include "core/protocol/gemini/codec.hpp"
#include "core/protocol/messages/codec.hpp"
#include "core/protocol/responses/codec.hpp"

namespace tpool::protocol {

const Codec* codec(Protocol protocol) {
  switch (protocol) {
    case Protocol::responses: return &responses::codec();
    case Protocol::chat: return &chat::codec();
    case Protocol::messages: return &messages::codec();
    case Protocol::gemini:
    case Protocol::echo: break;
  }
  return nullptr;
}

const ProviderCodec* provider_codec(Protocol protocol) {
  return protocol == Protocol::gemini ? &gemini::codec() : codec(protocol);
}

}  // namespace tpool::protocol
