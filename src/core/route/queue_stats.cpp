#include "core/route/queue_stats.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace tpool::route {

void PeakWindow::set(int value, TimePoint now) {
  while (!left_.empty() && left_.back().value <= value_) left_.pop_back();
  left_.push_back({value_, now});
  value_ = value;
  while (left_.front().at < now - span) left_.pop_front();
}

int PeakWindow::peak(TimePoint now) const {
  while (!left_.empty() && left_.front().at < now - span) left_.pop_front();
  return left_.empty() ? value_ : std::max(value_, left_.front().value);
}

void WaitTimes::add(Milliseconds wait) {
  const auto most = std::int64_t{std::numeric_limits<std::int32_t>::max()};
  waits_[count_++ % kept] =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(wait.count(), 0, most));
}

std::optional<Milliseconds> WaitTimes::quantile(double share) const {
  const auto size = std::min(count_, kept);
  if (size == 0) return std::nullopt;
  std::vector<std::int32_t> sorted(waits_.begin(),
                                   waits_.begin() + static_cast<std::ptrdiff_t>(size));
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(size)));
  return Milliseconds(sorted[std::clamp<std::size_t>(rank, 1, size) - 1]);
}

}  // namespace tpool::route
