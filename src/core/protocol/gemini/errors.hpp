// What Google's APIs say when they fail: google.rpc.Status, alone, in an `error` member or in an
// array of one. Its status and details decide what the words leave open. Any thread.
#pragma once

#include <string_view>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"

namespace tpool::protocol::gemini {

// A non-2xx answer.
ir::Failure decode_error(int status, std::string_view body);

// An `error` object inside a stream or a 200.
ir::Failure read_status(json::Value error);

}  // namespace tpool::protocol::gemini
