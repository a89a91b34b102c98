// A token count as a provider wrote it. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/value.hpp"

namespace tpool::protocol {

// Whole, not below zero and small enough for a double; some providers write 12.0.
std::optional<std::int64_t> token_count(json::Value value);
// The same of the text of one valid JSON value, or of none.
std::optional<std::int64_t> token_count(std::string_view text);

}  // namespace tpool::protocol
