#include "core/route/hold.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

// A probe that takes longer blocks no other.
constexpr Milliseconds longest_probe{60'000};

}  // namespace

void Bar::set(Hold hold, TimePoint now, Milliseconds doubted) {
  probing_ = false;
  since_ = now;
  hold_ = std::move(hold);
  doubt(doubted);
}

void Bar::doubt(Milliseconds doubted) {
  const auto probe = since_ + doubted;
  const bool ends = hold_ && hold_->until != TimePoint::max();
  probe_at_ = ends && hold_->until > probe ? probe : TimePoint::max();
}

const Hold* Bar::in_force(TimePoint now) const {
  return hold_ && hold_->until > now ? &*hold_ : nullptr;
}

bool Bar::bars(TimePoint now) const {
  if (!in_force(now)) return false;
  if (now < probe_at_) return true;
  return probing_ && now < probe_since_ + longest_probe;
}

TimePoint Bar::ready(TimePoint now) const {
  if (!in_force(now)) return now;
  const auto probe = probing_ ? std::max(probe_at_, probe_since_ + longest_probe) : probe_at_;
  return std::min(hold_->until, std::max(now, probe));
}

void Bar::began(TimePoint now) {
  if (!in_force(now) || now < probe_at_) return;
  probing_ = true;
  probe_since_ = now;
}

}  // namespace tpool::route
