// What to do about a provider's failure: a pure table.
//
// judge() looks at the failure, at what the request may still do, and at what is remembered of the
// candidate, and answers what the exchange does next and what is to be remembered. The rows are
// those of the routing contract, section 5. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/config/routing.hpp"
#include "core/ir/event.hpp"
#include "core/route/hold.hpp"
#include "core/types.hpp"

namespace tpool::route {

// No provider's word counts for longer.
inline constexpr Milliseconds longest_hint = std::chrono::hours(24 * 35);

enum class Next {
  again,  // the same candidate, after the backoff
  next,   // another candidate
  wait,   // nobody else: wait for the hint, then plan anew
  stop,   // tell the client
};

struct Policy {
  const config::Routing& routing = config::default_routing;
  // Another candidate takes a longer prompt, and may be used.
  bool larger_window = false;
};

// What one request has behind it, this failure included, and what it has left.
struct Tries {
  int attempts = 0;
  int after_send = 0;      // of those, failed with the request already sent and unanswered
  bool committed = false;  // content already went to the client
  bool others = true;      // another candidate is left
  int dialect = 0;         // failures about one provider's dialect
  int same = 0;            // repeated at the same candidate
  bool budget = true;      // the shared retry budget has room
};

// What is remembered of the candidate before this failure.
struct Past {
  int strikes = 0;           // limited in a row without a hint
  bool key_limited = false;  // another model of the same key is held too
};

// Whose breaker counts a failure.
enum class Blame { nobody, model, provider };

struct Verdict {
  Next next = Next::stop;
  std::optional<Hold> hold = {};  // remembered of the candidate, or of more: see its scope
  std::string reason = {};        // one phrase for the Record
  Blame blame = Blame::nobody;
  bool slow_down = false;   // too much at once: fewer in flight
  bool strike = false;      // limited without a hint
  bool reached = false;     // it answered: the way there is open
  bool charged = false;     // this retry is paid from the shared budget
  Milliseconds backoff{0};  // before the same candidate
};

// `seed`: spreads pauses that no hint set, so that not all come back at once.
Verdict judge(const ir::Failure& failure, const Policy& policy, const Tries& tries,
              const Past& past, TimePoint now, std::uint64_t seed);

}  // namespace tpool::route
