// What a queue reports of its past: the peak of the last seconds and how long was waited.
//
// The peak is that of the step function: a value counts from the moment it was reached to the
// moment it was left, both included; the value in effect when the window begins counts too. So the
// peak is never below what is pending now. Bounded memory. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>

#include "core/types.hpp"

namespace tpool::route {

class PeakWindow {
 public:
  static constexpr Milliseconds span{10'000};

  void set(int value, TimePoint now);
  int peak(TimePoint now) const;

 private:
  struct Left {
    int value;
    TimePoint at;  // when it was left
  };
  // Values that were left, falling: an older smaller one can never be the peak again.
  mutable std::deque<Left> left_;
  int value_ = 0;
};

// The last 256 waits.
class WaitTimes {
 public:
  void add(Milliseconds wait);
  // 0..1; nullopt when nobody ever waited.
  std::optional<Milliseconds> quantile(double share) const;

 private:
  static constexpr std::size_t kept = 256;
  std::array<std::int32_t, kept> waits_{};  // milliseconds
  std::size_t count_ = 0;
};

}  // namespace tpool::route
