// What echo answers: the words, the calls and the usage, as one whole stream of events. Any thread.
#pragma once

#include <string>
#include <vector>

#include "core/ir/event.hpp"
#include "core/ir/request.hpp"
#include "core/protocol/echo/markers.hpp"

namespace tpool::protocol::echo {

// What happened since, and with, the last user message.
struct Turn {
  std::string said;
  std::size_t images = 0;
  std::vector<const ir::ToolResult*> results = {};  // in the request, which outlives the Turn
};

Turn last_turn(const ir::Request& request);

std::vector<ir::Event> reply(const ir::Request& request, const Turn& turn, const Markers& markers);

}  // namespace tpool::protocol::echo
