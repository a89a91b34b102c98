#include "core/route/hold.hpp"

#include <algorithm>

namespace tpool::route {

void Bar::set(Hold hold, TimePoint now, Milliseconds doubted) {
  since_ = asked_ = now;
  hold_ = std::move(hold);
  doubt(doubted);
}

void Bar::doubt(Milliseconds doubted) {
  doubted_ = doubted;
  const auto probe = asked_ + doubted;
  const bool endless = hold_ && hold_->until == TimePoint::max();
  const bool far = endless ? hold_->state == "quota" : hold_ && hold_->until > probe;
  probe_at_ = far ? probe : TimePoint::max();
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
  if (!in_force(now) || now < probe_at_) return;
  asked_ = now;
  doubt(doubted_);
}

}  // namespace tpool::route
