// How many requests at once a provider took well: additive increase, multiplicative decrease.
//
// Without a 429 or 529 there is no limit. One of them cuts what is in flight to a share; every
// success adds growth/limit; a limit that has grown far beyond what is ever in flight is forgotten.
// Only a preference: whoever is over it is used after others, never refused. Any thread.
#pragma once

#include <algorithm>

#include "core/config/routing.hpp"

namespace tpool::route {

class InFlight {
 public:
  int now() const { return now_; }
  bool over() const { return limit_ > 0 && now_ >= limit_; }
  // 0: none was learned.
  double limit() const { return limit_; }

  void began() { peak_ = std::max(peak_, ++now_); }
  void ended() { --now_; }
  // Call before ended().
  void overloaded(const config::Routing& routing) {
    limit_ = std::max(1.0, routing.in_flight_cut *
                               std::min(limit_ > 0 ? limit_ : now_, static_cast<double>(now_)));
    peak_ = now_;
  }
  void succeeded(const config::Routing& routing) {
    if (limit_ <= 0) return;
    limit_ += routing.in_flight_growth / limit_;
    if (limit_ > 2.0 * peak_ + 4) limit_ = 0;
  }

 private:
  double limit_ = 0;
  int now_ = 0;
  int peak_ = 0;
};

}  // namespace tpool::route
