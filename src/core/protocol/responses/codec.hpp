// The Responses protocol (POST /responses), both ways. Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::responses {

const Codec& codec();

}  // namespace tpool::protocol::responses
