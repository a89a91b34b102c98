// The Messages protocol (POST /messages), both ways. Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::messages {

const Codec& codec();

}  // namespace tpool::protocol::messages
