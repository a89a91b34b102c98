// How many requests at once a provider took well: additive increase, multiplicative decrease.
//
// Without a 429 or 529 there is no limit. One of them cuts what is in flight to 0.7; every success
// adds 1/limit; a limit that has grown far beyond what is ever in flight is forgotten. Only a
// preference: whoever is over it is used after others, never refused. Any thread.
#pragma once

#include <algorithm>

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
  void overloaded() {
    limit_ = std::max(1.0, 0.7 * std::min(limit_ > 0 ? limit_ : now_, static_cast<double>(now_)));
    peak_ = now_;
  }
  void succeeded() {
    if (limit_ <= 0) return;
    limit_ += 1 / limit_;
    if (limit_ > 2.0 * peak_ + 4) limit_ = 0;
  }

 private:
  double limit_ = 0;
  int now_ = 0;
  int peak_ = 0;
};

}  // namespace tpool::route
