// What keeps a candidate from being used, and for how long.
//
// A hold names its state and reason, and ends at a time or by a named way out. A deadline that is
// far away is doubted, and so is a quota that ends nobody knows when: one request is let through
// every so often, and one when the clock was set back. A success ends the hold; whatever else
// becomes of it, the next one waits its time. Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/types.hpp"

namespace tpool::route {

// Whom it concerns: one model of a key, all of the key, or every key of the account.
enum class Scope { model, key, group };

struct Hold {
  std::string state;  // cooldown | quota | auth | hold
  std::string reason;
  TimePoint until = TimePoint::max();  // max: until an edit, a reset, or a passed test or probe
  Scope scope = Scope::model;
};

// A hold in force, with its probes.
class Bar {
 public:
  // Doubted after `doubted`, should it last longer.
  void set(Hold hold, TimePoint now, Milliseconds doubted);
  // The same for a hold that is already in force.
  void doubt(Milliseconds doubted);
  void clear() { hold_.reset(); }

  // Nullptr when nothing is in force any more.
  const Hold* in_force(TimePoint now) const;
  // In force, and this request is not let through as a probe either.
  bool bars(TimePoint now) const;
  // When that may change by itself; max when it never does.
  TimePoint ready(TimePoint now) const;

  // An attempt starts in spite of the hold.
  void began(TimePoint now);

  // A success of an attempt that began at `began` shows that the hold is over, unless it is newer.
  bool disproved_by(TimePoint began) const { return hold_ && began >= since_; }
  bool empty() const { return !hold_; }
  bool is(std::string_view state) const { return hold_ && hold_->state == state; }

 private:
  // It ends by a probe, should there be one.
  bool probed() const { return hold_->until != TimePoint::max() || hold_->state == "quota"; }
  bool probe_due(TimePoint now) const;

  std::optional<Hold> hold_;
  TimePoint since_{};
  TimePoint asked_{};  // then, or when the last probe left
  Milliseconds doubted_{};
  TimePoint probe_at_ = TimePoint::max();
};

}  // namespace tpool::route
