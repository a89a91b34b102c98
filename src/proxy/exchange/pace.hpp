// The limits of one attempt: first byte, first content, silence between events, total; and
// heartbeats meanwhile.
//
// Sets the exchange's alarm to whatever comes next. When a wait says it was woken, woken() says
// why, after sending a heartbeat if one was due. I/O thread only.
#pragma once

#include <optional>
#include <string>

#include "core/ir/event.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/net/alarm.hpp"

namespace tpool::exchange {

class Pace {
 public:
  Pace(net::Alarm& alarm, Answer& answer, Instant total);

  // From `now` on: `limit` of silence is too much. `what` completes "no ... within 60 s".
  void within(Milliseconds limit, std::string_view what, Instant now);
  // Something came: the same limit starts again.
  void again();
  // Until content is told to the client, `limit` from now on is all there is.
  void content_within(Milliseconds limit);
  // From the first call on `limit` is left in all, whatever still comes.
  void end_within(Milliseconds limit);
  // Nullopt: go on waiting.
  net::Task<std::optional<ir::Failure>> woken();

 private:
  void from(Instant now);
  void arm();
  ir::Failure silent(Instant now) const;

  net::Alarm& alarm_;
  Answer& answer_;
  Instant total_;
  Instant content_by_ = Instant::max();
  Milliseconds content_limit_{0};
  Instant due_ = Instant::max();
  Milliseconds limit_{0};
  std::string_view what_;
};

ir::Failure client_left();

// Waits until `when`, with heartbeats; a Failure when the client left.
net::Task<std::optional<ir::Failure>> pause(net::Alarm& alarm, Answer& answer, Instant when);

}  // namespace tpool::exchange
