// Stops calling what keeps failing, and lets one probe at a time find out when it is back.
//
// Opens after some failures in a row, or when more than a share of the last minute's attempts
// failed and those were more than a few. Stays open for a pause that grows with every failed probe
// up to a longest. Requests of low stake may probe first. Nothing absorbs: a probe that is never
// reported back is forgotten after a while. Times and the numbers to go by are arguments; other
// numbers count from then on, also for what is open. Any thread.
#pragma once

#include "core/config/routing.hpp"
#include "core/route/window.hpp"
#include "core/types.hpp"

namespace tpool::route {

class Breaker {
 public:
  bool open() const { return openings_ > 0; }
  // Whether an attempt may start now: always when closed; when open, if its time is over and no
  // probe is under way.
  bool admits(TimePoint now, const config::Routing& routing, bool low_stake = false) const;
  // The earliest time a request is admitted, as far as it can be told.
  TimePoint ready(TimePoint now, const config::Routing& routing, bool low_stake = false) const;

  // What every attempt reports: began, then one of the three. `probe` is what began() said.
  bool began(TimePoint now, const config::Routing& routing);
  void succeeded(TimePoint now);
  void failed(TimePoint now, bool probe, const config::Routing& routing);
  // Ended without a verdict: the client left, or the request was at fault.
  void abandoned(bool probe);

  // Its last attempt failed, or it is open.
  bool shaken() const { return row_ > 0 || open(); }

 private:
  void open_until(TimePoint now, const config::Routing& routing);
  TimePoint until(const config::Routing& routing) const;

  Window<6> good_{Milliseconds(10'000)};
  Window<6> bad_{Milliseconds(10'000)};
  int row_ = 0;
  int openings_ = 0;    // in a row, 0: closed
  TimePoint opened_{};  // or failed its last probe
  TimePoint until_{};
  TimePoint probe_since_{};
  bool probing_ = false;
};

}  // namespace tpool::route
