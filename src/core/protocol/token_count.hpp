// A token count as a provider wrote it. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "core/json/value.hpp"

namespace tpool::protocol {

// Whole, not below zero and small enough for a double; some providers write 12.0.
std::optional<std::int64_t> token_count(json::Value value);

}  // namespace tpool::protocol
