// Who may run now: a counter per (key, model), one over all of a provider, and one line of tickets.
//
// Slots counts what runs at one (key, model); without a limit it only counts. A SlotPool holds
// those of one provider and a cap over all of them. A ticket stands wherever it could be served and
// gets the first slot that is free: that goes to the ticket that came first among those standing
// there, at the moment it becomes free, so no newcomer can pass. Whoever got a slot
// gives it back with release(); a slot given to somebody who is gone is given back like any other.
// A class of low priority stands as if it had come 30 s later: it is passed, but not starved.
// Who steps out of the line to look for somebody else comes back to the position it had.
// Pure: times are arguments, granted() is called in the middle of release, cancel and set_limit,
// and must call none of them. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "core/route/queue_stats.hpp"

namespace tpool::route {

class Slots;

enum class Turn { high, normal, low };

// Where somebody stands in every line, as long as it waits for anything: the smaller goes first.
struct Position {
  TimePoint time{};
  std::uint64_t number = 0;  // 0: never stood anywhere
  auto operator<=>(const Position&) const = default;
};
// `number` rises with everybody who comes.
Position position(Turn turn, std::uint64_t number, TimePoint now);

class Ticket {
 public:
  Ticket() = default;
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  bool waiting() const { return home_ != nullptr; }
  virtual void granted(Slots& slots) = 0;

 protected:
  // Must not be waiting any more.
  virtual ~Ticket() = default;

 private:
  friend class Slots;
  friend class SlotPool;
  std::vector<Slots*> slots_;
  Slots* home_ = nullptr;  // where it is counted as pending
  Position position_{};
  TimePoint since_{};
};

// What one counter has seen.
struct QueueCounts {
  int in_use = 0;
  int pending = 0;
  std::uint64_t queued_total = 0;
  std::uint64_t timeouts_total = 0;
  PeakWindow peak = {};
  WaitTimes waits = {};
};

class SlotPool {
 public:
  SlotPool() = default;
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  std::optional<int> limit() const { return limit_; }
  const QueueCounts& counts() const { return counts_; }
  bool room() const { return !limit_ || counts_.in_use < *limit_; }
  void set_limit(std::optional<int> limit, TimePoint now);

 private:
  friend class Slots;
  // Hands out whatever can be handed out.
  void hand_out(TimePoint now);

  std::optional<int> limit_;
  QueueCounts counts_;
  std::vector<Slots*> slots_;
};

class Slots {
 public:
  // `row`: counts what waits here together with other keys' slots; outlives this.
  explicit Slots(SlotPool& pool, QueueCounts* row = nullptr);
  ~Slots();  // nothing may be in use or waiting
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  std::optional<int> limit() const { return limit_; }
  int queue_bound() const { return bound_; }
  const QueueCounts& counts() const { return counts_; }
  // A free slot is never left while somebody stands here, so room means: no need to wait.
  bool room() const { return (!limit_ || counts_.in_use < *limit_) && pool_.room(); }
  bool idle() const { return counts_.in_use == 0 && line_.empty(); }
  // The oldest wait that is counted here.
  std::optional<Milliseconds> oldest_wait(TimePoint now) const;

  // Takes a slot if there is one.
  bool try_take();
  void release(TimePoint now);
  // Live: what is pending moves up at once, what is running too much drains.
  void set_limit(std::optional<int> limit, TimePoint now);
  void set_queue_bound(int bound) { bound_ = bound; }

  // Stands in line at all of `slots`, which have no room; false when every line is full. `since`:
  // it only stepped out of a line it had stood in since then, and is not turned away any more.
  static bool wait(Ticket& ticket, std::span<Slots* const> slots, const Position& position,
                   TimePoint now, std::optional<TimePoint> since = {});
  static bool wait(Ticket& ticket, std::span<Slots* const> slots, Turn turn, std::uint64_t number,
                   TimePoint now) {
    return wait(ticket, slots, route::position(turn, number, now), now);
  }
  static void cancel(Ticket& ticket, bool timed_out, TimePoint now);

 private:
  friend class SlotPool;
  void leave_lines(Ticket& ticket, TimePoint now);
  template <class Change>
  void count(Change change);
  void count_pending(int by, TimePoint now);
  void grant(TimePoint now);

  SlotPool& pool_;
  QueueCounts* row_;
  std::optional<int> limit_;
  int bound_ = 64;
  QueueCounts counts_;
  struct Place {
    Position position;
    Ticket* ticket;
    bool operator<(const Place& other) const { return position < other.position; }
  };
  std::set<Place> line_;
};

}  // namespace tpool::route
