// The main job end to end, offline: a proxy over the built-in provider, one Codex-shaped request.
//
// Uses a scratch home of its own and a free port; touches nothing of the user's. Blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "core/ir/event.hpp"

namespace tpool::proxy {

struct DemoReport {
  std::string listen;  // where the proxy answered
  std::string model;   // slug asked for
  std::string route;   // as in x-tpool-route
  std::string text;    // what the model said
  int attempts = 0;
  int events = 0;
  std::string last_event;  // its name
  std::int64_t first_event_ms = 0;
  std::int64_t duration_ms = 0;
  ir::Usage usage;
  std::optional<double> cost_usd;
};

Result<DemoReport> run_demo();

}  // namespace tpool::proxy
