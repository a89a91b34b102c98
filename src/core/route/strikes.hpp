// Refusals in a row that came without a hint: each doubles the pause after the next one.
//
// A success or a reset forgets them, and so does a time without one that is longer than any pause:
// who only rested is still known, and who was refused hours ago begins anew. Attempts that were
// under way together are refused together, which counts once. Times are arguments. Any thread.
#pragma once

#include "core/types.hpp"

namespace tpool::route {

class Strikes {
 public:
  int count(TimePoint now, Milliseconds forgotten) const {
    return stale(now, forgotten) ? 0 : count_;
  }
  // Of an attempt that began at `began`.
  void add(TimePoint began, TimePoint now, Milliseconds forgotten) {
    if (stale(now, forgotten)) count_ = 0;
    if (count_ > 0 && began < last_) return;
    ++count_;
    last_ = now;
  }

 private:
  // A clock set back far makes it so, too.
  bool stale(TimePoint now, Milliseconds forgotten) const {
    return now > last_ + forgotten || now < last_ - forgotten;
  }

  int count_ = 0;
  TimePoint last_{};
};

}  // namespace tpool::route
