#include "core/route/hold.hpp"

#include <algorithm>

namespace tpool::route {
void Bar::set(Hold hold, TimePoint now) {
  since_ = now;
  const bool doubted =
      hold.until == TimePoint::max() ? hold.state == "quota" : hold.until > now + doubted_after;
  probe_at_ = doubted ? now + doubted_after : TimePoint::max();
  hold_ = std::move(hold);
}

const Hold* Bar::in_force(TimePoint now) const {
  return hold_ && hold_->until > now ? &*hold_ : nullptr;
}

bool Bar::bars(TimePoint now) const { return in_force(now) && now < probe_at_; }

TimePoint Bar::ready(TimePoint now) const {
  if (!in_force(now)) return now;
  return std::min(hold_->until, std::max(now, probe_at_));
}

void Bar::began(TimePoint now) {
  if (in_force(now) && now >= probe_at_) probe_at_ = now + doubted_after;
}

}  // namespace tpool::route
