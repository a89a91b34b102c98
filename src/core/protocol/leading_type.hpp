// The kind of an event without parsing it. Any thread.
#pragma once

#include <string_view>

namespace tpool::protocol {

// The value of a leading `"type"` member; empty when it is not in front.
std::string_view leading_type(std::string_view data);

}  // namespace tpool::protocol
