// Token counts of the Responses protocol. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol::responses {

// Nullopt when the object holds no counts.
std::optional<ir::Usage> read_usage(json::Value usage);
// The same of valid JSON text, without a document: it is read in every relayed answer.
std::optional<ir::Usage> read_usage(std::string_view text);

// Complete, in integers: a client that finds a member missing fails the whole turn.
void write_usage(json::Writer& writer, const ir::Usage& usage);

}  // namespace tpool::protocol::responses
