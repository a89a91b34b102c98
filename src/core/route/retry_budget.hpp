// How many retries the whole proxy may make: a quarter of the last minute's requests, plus ten.
//
// The first retry of a request is free, and so is one that a provider's own hint asked for: judge
// says which are not. Keeps a bad day from multiplying itself. Any thread.
#pragma once

#include "core/route/window.hpp"

namespace tpool::route {

class RetryBudget {
 public:
  void request(TimePoint now) { requests_.add(now, 1); }
  bool has_room(TimePoint now) const { return retries_.sum(now) < requests_.sum(now) / 4 + least; }
  void spend(TimePoint now) { retries_.add(now, 1); }

 private:
  static constexpr std::int64_t least = 10;
  Window<6> requests_{Milliseconds(10'000)};
  Window<6> retries_{Milliseconds(10'000)};
};

}  // namespace tpool::route
