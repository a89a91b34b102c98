// How many retries the whole proxy may make: a share of the last minute's requests, plus a few.
//
// The first retries of a request are free, and so is one that a provider's own hint asked for:
// judge says which are not. Keeps a bad day from multiplying itself. Any thread.
#pragma once

#include "core/config/routing.hpp"
#include "core/route/window.hpp"

namespace tpool::route {

class RetryBudget {
 public:
  void request(TimePoint now) { requests_.add(now, 1); }
  bool has_room(TimePoint now, const config::Routing& routing) const {
    const auto shared = routing.retry_share * static_cast<double>(requests_.sum(now));
    return retries_.sum(now) < static_cast<std::int64_t>(shared) + routing.retry_least;
  }
  void spend(TimePoint now) { retries_.add(now, 1); }

 private:
  Window<6> requests_{Milliseconds(10'000)};
  Window<6> retries_{Milliseconds(10'000)};
};

}  // namespace tpool::route
