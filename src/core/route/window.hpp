// How much of something came in the last minutes, in buckets of time.
//
// Sums are exact to one bucket, and never too small: a bucket counts until all of it is out of the
// window. A clock that was set back loses what it had counted, nothing else. Any thread.
#pragma once

#include <array>
#include <cstdint>

#include "core/types.hpp"

namespace tpool::route {

template <std::size_t Buckets>
class Window {
 public:
  // Covers `Buckets` times `width`.
  explicit constexpr Window(Milliseconds width) : width_(width) {}

  void add(TimePoint now, std::int64_t amount) {
    auto& bucket = buckets_[slot(index(now))];
    if (bucket.index != index(now)) bucket = {index(now), 0};
    bucket.sum += amount;
  }

  std::int64_t sum(TimePoint now) const { return sum(now, width_ * Buckets); }

  // Of the last `span` only, which the whole window covers.
  std::int64_t sum(TimePoint now, Milliseconds span) const {
    const auto last = index(now);
    const auto first = last - span / width_;
    std::int64_t total = 0;
    for (const auto& bucket : buckets_)
      if (bucket.index > first && bucket.index <= last) total += bucket.sum;
    return total;
  }

  // When the sum over `span` is at most `target` if nothing more comes.
  TimePoint falls_to(std::int64_t target, TimePoint now, Milliseconds span) const {
    const auto last = index(now);
    auto left = sum(now, span);
    for (auto at = last - span / width_ + 1; left > target && at <= last; ++at) {
      const auto& bucket = buckets_[slot(at)];
      if (bucket.index == at) left -= bucket.sum;
      if (left <= target) return TimePoint(width_ * at) + span;
    }
    return now;
  }

 private:
  struct Bucket {
    std::int64_t index = -1;
    std::int64_t sum = 0;
  };
  std::int64_t index(TimePoint now) const {
    return std::chrono::duration_cast<Milliseconds>(now.time_since_epoch()) / width_;
  }
  static std::size_t slot(std::int64_t index) { return static_cast<std::size_t>(index) % Buckets; }

  Milliseconds width_;
  std::array<Bucket, Buckets> buckets_{};
};

}  // namespace tpool::route
