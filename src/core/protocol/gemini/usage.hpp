// Token counts as Gemini reports them. Any thread.
#pragma once

#include <optional>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"

namespace tpool::protocol::gemini {

// Nullopt when the object holds no counts.
std::optional<ir::Usage> read_usage(json::Value metadata);

}  // namespace tpool::protocol::gemini
