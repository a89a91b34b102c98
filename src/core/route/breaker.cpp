#include "core/route/breaker.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

using std::chrono::seconds;

constexpr int too_many_in_a_row = 3;
constexpr int too_few_to_judge = 3;
constexpr Milliseconds first_pause = seconds(15);
constexpr Milliseconds longest_pause = seconds(240);
// Low-stake requests may probe this much earlier than others.
constexpr Milliseconds lead = seconds(2);
// A probe that takes longer blocks no other.
constexpr Milliseconds longest_probe = seconds(60);

Milliseconds pause(int openings) {
  return std::min(longest_pause, first_pause * (1 << std::clamp(openings - 1, 0, 5)));
}

}  // namespace

bool Breaker::admits(TimePoint now, bool low_stake) const {
  if (!open()) return true;
  if (now < until_ - longest_pause) return true;  // the clock was set back
  if (now < (low_stake ? until_ : until_ + lead)) return false;
  return !probing_ || now >= probe_since_ + longest_probe;
}

TimePoint Breaker::ready(TimePoint now) const {
  if (!open()) return now;
  const auto due = until_ + lead;
  return probing_ ? std::max(due, probe_since_ + longest_probe) : due;
}

bool Breaker::began(TimePoint now) {
  // Who had nobody else to ask goes before the time, and proves nothing by failing.
  if (!open() || now < until_) return false;
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

void Breaker::failed(TimePoint now, bool probe) {
  bad_.add(now, 1);
  ++row_;
  if (open()) {
    // What began before it opened says nothing new.
    if (!probe) return;
    probing_ = false;
    until_ = now + pause(++openings_);
    return;
  }
  const auto bad = bad_.sum(now);
  const auto all = bad + good_.sum(now);
  if (row_ < too_many_in_a_row && !(all > too_few_to_judge && bad * 2 > all)) return;
  openings_ = 1;
  until_ = now + pause(openings_);
}

void Breaker::abandoned(bool probe) {
  if (probe) probing_ = false;
}

}  // namespace tpool::route
