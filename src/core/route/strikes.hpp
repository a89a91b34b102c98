// Refusals in a row that came without a hint: each doubles the pause after the next one.
//
// A success or a reset forgets them, and so do ten minutes without one: four of the longest pauses,
// so who only rested is still known, and who was refused hours ago begins anew. Attempts that were
// under way together are refused together, which counts once. Times are arguments. Any thread.
#pragma once

#include "core/types.hpp"

namespace tpool::route {

class Strikes {
 public:
  int count(TimePoint now) const { return stale(now) ? 0 : count_; }
  // Of an attempt that began at `began`.
  void add(TimePoint began, TimePoint now) {
    if (stale(now)) count_ = 0;
    if (count_ > 0 && began < last_) return;
    ++count_;
    last_ = now;
  }

 private:
  // A clock set back far makes it so, too.
  bool stale(TimePoint now) const {
    return now > last_ + remembered_for || now < last_ - remembered_for;
  }

  static constexpr Milliseconds remembered_for{600'000};
  int count_ = 0;
  TimePoint last_{};
};

}  // namespace tpool::route
