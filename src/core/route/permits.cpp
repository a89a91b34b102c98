#include "core/route/permits.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

// How much later a class of less priority counts as having come.
constexpr Milliseconds handicap{30'000};

}  // namespace

Position position(Turn turn, std::uint64_t number, TimePoint now) {
  return {now + handicap * (static_cast<int>(turn) - 1), number};
}

void SlotPool::set_limit(std::optional<int> limit, TimePoint now) {
  limit_ = limit;
  hand_out(now);
}

void SlotPool::hand_out(TimePoint now) {
  while (room()) {
    Slots* first = nullptr;
    for (auto* one : slots_) {
      if (one->line_.empty() || !one->room()) continue;
      if (!first || *one->line_.begin() < *first->line_.begin()) first = one;
    }
    if (!first) return;
    first->grant(now);
  }
}

Slots::Slots(SlotPool& pool, QueueCounts* row) : pool_(pool), row_(row) {
  pool_.slots_.push_back(this);
}

Slots::~Slots() { std::erase(pool_.slots_, this); }

std::optional<Milliseconds> Slots::oldest_wait(TimePoint now) const {
  std::optional<Milliseconds> oldest;
  for (const auto& place : line_) {
    if (place.ticket->home_ != this) continue;
    const auto wait = std::chrono::duration_cast<Milliseconds>(now - place.ticket->since_);
    oldest = std::max(wait, oldest.value_or(Milliseconds(0)));
  }
  return oldest;
}

template <class Change>
void Slots::count(Change change) {
  change(counts_);
  change(pool_.counts_);
  if (row_) change(*row_);
}

bool Slots::try_take() {
  if (!room()) return false;
  count([](QueueCounts& counts) { ++counts.in_use; });
  return true;
}

void Slots::release(TimePoint now) {
  count([](QueueCounts& counts) { --counts.in_use; });
  if (pool_.limit_)
    pool_.hand_out(now);
  else
    while (!line_.empty() && room()) grant(now);
}

void Slots::set_limit(std::optional<int> limit, TimePoint now) {
  limit_ = limit;
  while (!line_.empty() && room()) grant(now);
}

bool Slots::wait(Ticket& ticket, std::span<Slots* const> slots, const Position& position,
                 TimePoint now, std::optional<TimePoint> since) {
  Slots* home = nullptr;
  for (auto* one : slots)
    if ((since || one->counts_.pending < one->bound_) &&
        (!home || one->counts_.pending < home->counts_.pending))
      home = one;
  if (!home) return false;
  ticket.position_ = position;
  ticket.since_ = since.value_or(now);
  ticket.home_ = home;
  ticket.slots_.clear();
  for (auto* one : slots)
    if (one->line_.insert({ticket.position_, &ticket}).second) ticket.slots_.push_back(one);
  if (!since) home->count([](QueueCounts& counts) { ++counts.queued_total; });
  home->count_pending(1, now);
  return true;
}

void Slots::cancel(Ticket& ticket, bool timed_out, TimePoint now) {
  if (!ticket.home_) return;
  if (timed_out) ticket.home_->count([](QueueCounts& counts) { ++counts.timeouts_total; });
  ticket.home_->leave_lines(ticket, now);
}

void Slots::leave_lines(Ticket& ticket, TimePoint now) {
  for (auto* one : ticket.slots_) one->line_.erase({ticket.position_, &ticket});
  ticket.slots_.clear();
  ticket.home_->count_pending(-1, now);
  ticket.home_ = nullptr;
}

void Slots::count_pending(int by, TimePoint now) {
  count([&](QueueCounts& counts) { counts.peak.set(counts.pending += by, now); });
}

void Slots::grant(TimePoint now) {
  auto& ticket = *line_.begin()->ticket;
  const auto wait = std::chrono::duration_cast<Milliseconds>(now - ticket.since_);
  leave_lines(ticket, now);
  count([&](QueueCounts& counts) {
    counts.waits.add(wait);
    ++counts.in_use;
  });
  ticket.granted(*this);
}

}  // namespace tpool::route
