// The built-in provider: offline, free, and deterministic: one request, one answer, always.
//
// It says what the last user message said and how large the request was, reasons when an effort
// is set, calls tools and fails when a marker in that message asks for it (see markers.hpp), and
// after tool results it names them, so that a tool round trip ends. No wire and no clock: a script
// is what to emit and how long to wait before each step; the proxy plays it. Its usage is its own
// report (a token is four bytes), not an estimate of somebody else's. Any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/ir/event.hpp"
#include "core/ir/request.hpp"

namespace tpool::protocol::echo {

// The models it has. echo-reasoner reasons also when no effort is set.
inline constexpr std::string_view models[] = {"echo-1", "echo-reasoner"};

struct Step {
  Milliseconds delay{0};
  ir::Event event;
};

struct Script {
  int status = 200;
  std::optional<Milliseconds> retry_after = {};
  std::optional<ir::Failure> failure = {};  // set with a status other than 200; then no steps
  std::vector<Step> steps = {};             // a whole stream unless cut or silent
  bool cut = false;                         // after the steps the connection breaks
  bool silent = false;                      // after the steps nothing comes and nothing closes
};

Script script(const ir::Request& request);

}  // namespace tpool::protocol::echo
