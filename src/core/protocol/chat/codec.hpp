// The Chat Completions protocol (POST /chat/completions), both ways. Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::chat {

const Codec& codec();

}  // namespace tpool::protocol::chat
