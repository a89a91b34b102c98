// Stops calling what keeps failing, and lets one probe at a time find out when it is back.
//
// Opens after three failures in a row, or when more than half of the last minute's attempts failed
// and those were more than three. Stays open 15 s, twice as long after every failed probe, at most
// 240 s. Requests of low stake may probe first. Nothing absorbs: a probe that is never reported
// back is forgotten after a while. Times are arguments. Any thread.
#pragma once

#include "core/route/window.hpp"
#include "core/types.hpp"

namespace tpool::route {

class Breaker {
 public:
  bool open() const { return openings_ > 0; }
  // Whether an attempt may start now: always when closed; when open, if its time is over and no
  // probe is under way.
  bool admits(TimePoint now, bool low_stake = false) const;
  // The earliest time an ordinary request is admitted, as far as it can be told.
  TimePoint ready(TimePoint now) const;

  // What every attempt reports: began, then one of the three. `probe` is what began() said.
  bool began(TimePoint now);
  void succeeded(TimePoint now);
  void failed(TimePoint now, bool probe);
  // Ended without a verdict: the client left, or the request was at fault.
  void abandoned(bool probe);

  // Its last attempt failed, or it is open.
  bool shaken() const { return row_ > 0 || open(); }
  int in_a_row() const { return row_; }
  int openings() const { return openings_; }

 private:
  Window<6> good_{Milliseconds(10'000)};
  Window<6> bad_{Milliseconds(10'000)};
  int row_ = 0;
  int openings_ = 0;  // in a row, 0: closed
  TimePoint until_{};
  TimePoint probe_since_{};
  bool probing_ = false;
};

}  // namespace tpool::route
