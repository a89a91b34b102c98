// Token counts as Chat providers report them. Any thread.
#pragma once

#include <optional>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol::chat {

// Nullopt when the object holds no counts. Knows the cache members of the dialects in the wild, and
// providers that leave reasoning out of completion_tokens (their total says so).
std::optional<ir::Usage> read_usage(json::Value usage);

void write_usage(json::Writer& writer, const ir::Usage& usage);

}  // namespace tpool::protocol::chat
