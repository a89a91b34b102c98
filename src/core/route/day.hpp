// A calendar day where tpool runs, as two moments: budgets are counted by it.
//
// A day has 23, 24 or 25 hours, and need not begin at midnight where the clocks change then. Only
// local_day() and local_text() know the time zone; any thread.
#pragma once

#include <string>

#include "core/types.hpp"

namespace tpool::route {

struct Day {
  TimePoint begins{};
  TimePoint ends{};

  bool holds(TimePoint time) const { return begins <= time && time < ends; }
  bool operator==(const Day&) const = default;
};

// The day that holds `now`.
Day local_day(TimePoint now);

// "2026-11-22 00:00 CET"
std::string local_text(TimePoint time);

}  // namespace tpool::route
