// The markers by which a user tells echo what to do, taken out of the text around them.
//
//   [[call NAME INPUT]]         call a tool; NAME may be SPACE/NAME. Several are parallel calls.
//                               INPUT is JSON arguments or, for a custom tool, any text.
//   [[reason TEXT]]             think this first, whatever the effort
//   [[pace 20ms]]               wait that long before each piece (ms or s, at most 60s)
//   [[tokens 500]]              a long answer of that many words, at most 100000
//   [[status 429 retry-after=2 code=rate_limit_exceeded]]
//                               fail with an HTTP status of 400 to 599 before any answer;
//                               retry-after in seconds (or 500ms), code as a provider spells it
//   [[cut 3]]                   break the connection after three pieces (0: right away)
//   [[silence 3]]               fall silent after three pieces (none: from the start)
//
// Other words in double brackets are just text. Bounded: at most 128 markers. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"

namespace tpool::protocol::echo {

struct CallMarker {
  std::string tool;
  std::string input;
  bool operator==(const CallMarker&) const = default;
};

struct StatusMarker {
  int status = 0;
  std::optional<Milliseconds> retry_after = {};
  std::string code = {};
  bool operator==(const StatusMarker&) const = default;
};

struct Markers {
  std::string text;  // what is left without them, trimmed
  std::vector<CallMarker> calls = {};
  std::optional<std::string> reason = {};
  Milliseconds pace{0};
  std::optional<int> tokens = {};
  std::optional<StatusMarker> status = {};
  std::optional<int> cut_after = {};
  std::optional<int> silent_after = {};
};

// invalid, with the marker and what it should look like, when a known word is used wrongly.
Result<Markers> read_markers(std::string_view text);

}  // namespace tpool::protocol::echo
