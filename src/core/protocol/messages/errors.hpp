// How a Messages client is told of a failure: the types and statuses its SDKs know what to do with.
// Any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::messages {

// A provider's refusal of its own key is 403 here: 401 would accuse the client's.
ErrorReply encode_error(const ir::Failure& failure);

}  // namespace tpool::protocol::messages
