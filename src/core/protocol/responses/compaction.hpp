// Compaction where the provider has none of its own: an ordinary answer as a `compaction` item.
//
// The summary travels in `encrypted_content`, marked as ours, and any model can go on from it. A
// provider's own compaction is opaque and goes back to its maker alone. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json/value.hpp"
#include "core/protocol/fields.hpp"

namespace tpool::protocol::responses {

// Appends what a `compaction` item means: our summary as a message, a provider's as it is.
std::optional<Error> decode_compaction(json::Value value, const Path& path, ir::Request& request);

// The item, as JSON.
std::string compaction_item(std::string_view id, std::string_view summary);

}  // namespace tpool::protocol::responses
