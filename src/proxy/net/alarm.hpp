// Limits of every wait, and the race with a vanished client.
//
// An Alarm belongs to one exchange (or one idle connection). Setting `due` is a store, nothing
// more: Alarms walks the armed ones every 100 ms and rings those whose time has come, so limits are
// as coarse as that. Ringing sets a flag and wakes whatever the owner currently waits on; the owner
// then looks at the flags. I/O thread only.
#pragma once

#include <boost/intrusive/list.hpp>

#include "core/types.hpp"
#include "proxy/net/asio.hpp"

namespace tpool::net {

// Something a coroutine can be suspended on.
class Wakeable {
 public:
  // Makes the pending wait return; harmless when nothing waits.
  virtual void wake() = 0;

 protected:
  ~Wakeable() = default;
};

class Alarm : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  void set(Instant due) {
    due_ = due;
    rang_ = false;
  }
  void clear() { set(Instant::max()); }
  bool rang() const { return rang_; }
  bool gone() const { return gone_; }
  // The client left: for good, whatever is set afterwards.
  void leave();
  // What the owner waits for besides has come.
  void nudge() {
    if (target_) target_->wake();
  }
  // Nothing is under way: the connection may be closed at any moment.
  void idle(bool is) { idle_ = is; }
  // Who to wake; nullptr while the owner runs.
  void wait_on(Wakeable* target) { target_ = target; }

 private:
  friend class Alarms;
  Instant due_ = Instant::max();
  Wakeable* target_ = nullptr;
  bool rang_ = false;
  bool gone_ = false;
  bool idle_ = false;
};

class Alarms {
 public:
  explicit Alarms(Io& io);
  // Until the Alarm is destroyed.
  void arm(Alarm& alarm);
  // For shutdown: as if the clients of the idle ones, or of all, had left.
  void end_idle();
  void end_all();
  // The time of the last tick while anything is armed; never more than 100 ms old then.
  Instant now() const { return now_; }

 private:
  void start();
  void tick();

  boost::intrusive::list<Alarm, boost::intrusive::constant_time_size<false>> armed_;
  Timer timer_;
  Instant now_;
  bool ticking_ = false;
};

// Suspends for a while, waking early when the alarm rings or the client leaves.
Task<> sleep_until(Alarm& alarm, Instant when);

}  // namespace tpool::net
