#include "core/route/hold.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

// A clock that is only corrected goes back less.
constexpr Milliseconds correction{1'000};

}  // namespace

void Bar::set(Hold hold, TimePoint now, Milliseconds doubted) {
  since_ = asked_ = now;
  hold_ = std::move(hold);
  doubt(doubted);
}

void Bar::doubt(Milliseconds doubted) {
  doubted_ = doubted;
  const auto probe = asked_ + doubted;
  const bool far = hold_ && hold_->until > probe && probed();
  probe_at_ = far ? probe : TimePoint::max();
}

bool Bar::probe_due(TimePoint now) const {
  return now >= probe_at_ || (probed() && now + correction < asked_);
}

const Hold* Bar::in_force(TimePoint now) const {
  return hold_ && hold_->until > now ? &*hold_ : nullptr;
}

bool Bar::bars(TimePoint now) const { return in_force(now) && !probe_due(now); }

TimePoint Bar::ready(TimePoint now) const {
  if (!bars(now)) return now;
  return std::min(hold_->until, probe_at_);
}

void Bar::began(TimePoint now) {
  if (!in_force(now) || !probe_due(now)) return;
  asked_ = now;
  since_ = std::min(since_, now);
  doubt(doubted_);
}

}  // namespace tpool::route
