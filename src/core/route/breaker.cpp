#include "core/route/breaker.hpp"

#include <algorithm>

#include "core/route/growth.hpp"

namespace tpool::route {
namespace {

// Low-stake requests may probe this much earlier than others.
constexpr Milliseconds lead = std::chrono::seconds(2);

}  // namespace

void Breaker::open_until(TimePoint now, const config::Routing& routing) {
  opened_ = now;
  until_ = now + grown(routing.breaker_pause, routing.breaker_growth, openings_ - 1,
                       routing.longest_breaker_pause);
}

TimePoint Breaker::until(const config::Routing& routing) const {
  return std::min(until_, opened_ + routing.longest_breaker_pause);
}

bool Breaker::admits(TimePoint now, const config::Routing& routing, bool low_stake) const {
  if (!open()) return true;
  const auto due = until(routing);
  if (now < due - routing.longest_breaker_pause) return true;  // the clock was set back
  if (now < (low_stake ? due : due + lead)) return false;
  return !probing_ || now >= probe_since_ + routing.longest_probe;
}

TimePoint Breaker::ready(TimePoint now, const config::Routing& routing, bool low_stake) const {
  if (!open()) return now;
  const auto due = low_stake ? until(routing) : until(routing) + lead;
  return probing_ ? std::max(due, probe_since_ + routing.longest_probe) : due;
}

bool Breaker::began(TimePoint now, const config::Routing& routing) {
  // Who had nobody else to ask goes before the time, and proves nothing by failing.
  if (!open() || now < until(routing)) return false;
  probing_ = true;
  probe_since_ = now;
  return true;
}

void Breaker::succeeded(TimePoint now) {
  good_.add(now, 1);
  if (open()) bad_ = Window<6>(Milliseconds(10'000));
  row_ = 0;
  openings_ = 0;
  probing_ = false;
}

void Breaker::failed(TimePoint now, bool probe, const config::Routing& routing) {
  bad_.add(now, 1);
  ++row_;
  if (open()) {
    // What began before it opened says nothing new.
    if (!probe) return;
    probing_ = false;
    ++openings_;
    return open_until(now, routing);
  }
  const auto bad = bad_.sum(now);
  const auto all = bad + good_.sum(now);
  const bool mostly = static_cast<double>(bad) > routing.breaker_share * static_cast<double>(all);
  if (row_ < routing.breaker_row && !(all > routing.breaker_least && mostly)) return;
  openings_ = 1;
  open_until(now, routing);
}

void Breaker::abandoned(bool probe) {
  if (probe) probing_ = false;
}

}  // namespace tpool::route
