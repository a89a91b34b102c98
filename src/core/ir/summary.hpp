// A conversation made into its summary: the ordinary request behind every compaction.
//
// Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/ir/request.hpp"

namespace tpool::ir {

// Asks, as the user, for a summary in words of all that was said. Tools stay declared, as their
// calls are part of the conversation, but none may be called.
void ask_for_summary(Request& request);

// How a summary is carried on in a later request: a message of the user's.
Message told_as_summary(std::string_view summary);

}  // namespace tpool::ir
