// How much of something came in the last minutes, in buckets of time.
//
// Sums are exact to one bucket, and never too small: a bucket counts until the last of it is out of
// the window. A clock that was set back loses what it had counted, nothing else. Any thread.
#pragma once

#include <algorithm>
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
    if (bucket.index != index(now)) bucket = {index(now), 0, now};
    bucket.sum += amount;
    bucket.latest = std::max(bucket.latest, now);
  }

  std::int64_t sum(TimePoint now) const { return sum(now, width_ * Buckets); }

  // Of the last `span` only, which the whole window covers.
  std::int64_t sum(TimePoint now, Milliseconds span) const {
    std::int64_t total = 0;
    for (const auto& bucket : buckets_)
      if (counts(bucket, now, span)) total += bucket.sum;
    return total;
  }

  // When the sum over `span` is at most `target` if nothing more comes.
  TimePoint falls_to(std::int64_t target, TimePoint now, Milliseconds span) const {
    const auto last = index(now);
    auto left = sum(now, span);
    for (auto at = last - span / width_; left > target && at <= last; ++at) {
      const auto& bucket = buckets_[slot(at)];
      if (bucket.index == at && counts(bucket, now, span)) left -= bucket.sum;
      if (left <= target) return bucket.latest + span;
    }
    return now;
  }

 private:
  struct Bucket {
    std::int64_t index = -1;
    std::int64_t sum = 0;
    TimePoint latest{};
  };
  // Of a bucket that is partly out of the window all counts.
  bool counts(const Bucket& bucket, TimePoint now, Milliseconds span) const {
    return bucket.index >= 0 && bucket.index <= index(now) && bucket.latest > now - span;
  }
  std::int64_t index(TimePoint now) const {
    return std::chrono::duration_cast<Milliseconds>(now.time_since_epoch()) / width_;
  }
  static std::size_t slot(std::int64_t index) {
    return static_cast<std::size_t>(index) % (Buckets + 1);
  }

  Milliseconds width_;
  // One more than fit, for the one that is on its way out.
  std::array<Bucket, Buckets + 1> buckets_{};
};

}  // namespace tpool::route
