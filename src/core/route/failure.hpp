// What to do about a provider's failure: a pure table.
//
// judge() looks at the failure and how often was tried, and answers what the exchange does next and
// what is remembered of the candidate. The rows are those of the routing contract, section 5.
// Any thread.
#pragma once

#include <optional>
#include <string>

#include "core/ir/event.hpp"
#include "core/route/plan.hpp"
#include "core/types.hpp"

namespace tpool::route {

enum class Next {
  again,  // the same candidate, on a fresh connection
  next,   // another candidate
  wait,   // nobody else: wait for the hint, then the same
  stop,   // tell the client
};

struct Tries {
  int attempts = 0;        // made so far, this one included
  int after_send = 0;      // of those, failed with the request already sent and unanswered
  bool committed = false;  // content already went to the client
  bool others = true;      // another candidate is left
};

struct Verdict {
  Next next = Next::stop;
  std::optional<Hold> hold = {};  // remembered of this candidate
  std::string reason;             // one phrase for the Record
};

inline constexpr int max_attempts = 4;
// A client's turn is held at most this long for a provider's own hint.
inline constexpr Milliseconds max_wait{120'000};

// `strikes`: failures of this candidate in a row before this one, for cool-downs without a hint.
Verdict judge(const ir::Failure& failure, const Tries& tries, int strikes, TimePoint now);

}  // namespace tpool::route
