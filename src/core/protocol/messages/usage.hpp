// Token counts of the Messages protocol. Any thread.
//
// A stream tells them twice: the input at its start, all of them, as sums so far, at its end.
#pragma once

#include <optional>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol::messages {

// Takes what `usage` holds into `sum`; a zero never replaces a count. An object without counts
// changes nothing.
void add_usage(json::Value usage, std::optional<ir::Usage>& sum);

void write_usage(json::Writer& writer, const ir::Usage& usage);

}  // namespace tpool::protocol::messages
