#include "proxy/exchange/pace.hpp"

#include <algorithm>

namespace tpool::exchange {
namespace {

Instant clock() { return std::chrono::steady_clock::now(); }

}  // namespace

ir::Failure client_left() {
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::cancelled;
  failure.message = "the client left";
  return failure;
}

Pace::Pace(net::Alarm& alarm, Answer& answer, Instant total)
    : alarm_(alarm), answer_(answer), total_(total) {}

void Pace::within(Milliseconds limit, std::string_view what, Instant now) {
  limit_ = limit;
  what_ = what;
  from(now);
}

void Pace::content_within(Milliseconds limit) {
  content_limit_ = limit;
  content_by_ = clock() + limit;
}

void Pace::again() { from(clock()); }

void Pace::from(Instant now) {
  due_ = std::min(now + limit_, total_);
  if (!answer_.committed()) due_ = std::min(due_, content_by_);
  arm();
}

void Pace::end_within(Milliseconds limit) {
  total_ = std::min(total_, clock() + limit);
  again();
}

void Pace::arm() { alarm_.set(std::min(due_, answer_.beat_due())); }

ir::Failure Pace::silent(Instant now) const {
  const auto none = [](std::string_view what, Milliseconds limit) {
    return "no " + std::string(what) + " within " + std::to_string((limit.count() + 999) / 1000) +
           " s";
  };
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::silent;
  if (now >= total_)
    failure.message = "the answer took longer than its limit in all";
  else if (now >= content_by_ && !answer_.committed())
    failure.message = none("content", content_limit_);
  else
    failure.message = none(what_, limit_);
  return failure;
}

net::Task<std::optional<ir::Failure>> Pace::woken() {
  if (alarm_.gone()) co_return client_left();
  const auto now = clock();
  if (now >= due_) co_return silent(now);
  if (now >= answer_.beat_due()) co_await answer_.beat();
  if (answer_.client_gone()) co_return client_left();
  arm();
  co_return std::nullopt;
}

net::Task<std::optional<ir::Failure>> pause(net::Alarm& alarm, Answer& answer, Instant when) {
  while (clock() < when) {
    const auto next = std::min(when, answer.beat_due());
    alarm.clear();
    co_await net::sleep_until(alarm, next);
    if (alarm.gone() || answer.client_gone()) co_return client_left();
    if (clock() >= answer.beat_due()) co_await answer.beat();
  }
  co_return std::nullopt;
}

}  // namespace tpool::exchange
