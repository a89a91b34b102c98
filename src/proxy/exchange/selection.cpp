#include "proxy/exchange/selection.hpp"

#include <algorithm>

#include "proxy/exchange/pace.hpp"
#include "proxy/gate/line.hpp"

namespace tpool::exchange {
namespace {

// A client that is turned away for want of a slot may ask again after this.
constexpr Milliseconds ask_again{5'000};

class Standing final : public route::Ticket {
 public:
  explicit Standing(net::Alarm& alarm) : alarm_(alarm) {}
  ~Standing() { route::Slots::cancel(*this, false, std::chrono::system_clock::now()); }
  void granted(route::Slots& slots) override {
    got_ = &slots;
    alarm_.nudge();
  }
  route::Slots* got() const { return got_; }

 private:
  net::Alarm& alarm_;
  route::Slots* got_ = nullptr;
};

bool tried(const Exchange& exchange, const route::Deployment* one) {
  return one && std::ranges::find(exchange.tried, one) != exchange.tried.end();
}

bool open(const Exchange& exchange, const route::Step& step, const route::Ask& ask) {
  const auto& deployments = exchange.services.deployments;
  const auto where = step.candidate.where();
  if (!exchange.tried.empty() && tried(exchange, deployments.find(where))) return false;
  const auto look = deployments.look(where, ask);
  return !look.bar || look.bar->soft;
}

ir::Failure busy(std::string message) {
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::rate_limited;
  failure.status = 429;
  failure.message = std::move(message);
  failure.retry_after = ask_again;
  return failure;
}

ir::Failure client_left() {
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::cancelled;
  failure.message = "the client left";
  return failure;
}

// Sleeps until nudged, rung, left or `when`; sends a heartbeat when one is due.
net::Task<std::optional<ir::Failure>> doze(Exchange& exchange, Instant when) {
  auto& alarm = exchange.inbound.alarm;
  auto& answer = exchange.answer;
  when = std::min(when, answer.beat_due());
  alarm.clear();
  co_await net::sleep_until(alarm, when);
  if (alarm.gone() || answer.client_gone()) co_return client_left();
  const auto now = std::chrono::steady_clock::now();
  if (now >= answer.beat_due()) co_await answer.beat();
  co_return std::nullopt;
}

}  // namespace

route::Ask ask_of(const Exchange& exchange) {
  return {std::chrono::system_clock::now(), exchange.envelope.estimated_tokens(),
          exchange.envelope.low_stake()};
}

Picked pick(Exchange& exchange) {
  auto& deployments = exchange.services.deployments;
  const auto& steps = exchange.record.plan.steps;
  // Nothing can have changed between the plan and the first pick.
  const bool fresh = exchange.attempts == 0 && exchange.record.plan.waited_ms == 0;
  const auto ask = fresh ? route::Ask() : ask_of(exchange);
  Picked picked;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!fresh && !open(exchange, steps[i], ask)) continue;
    auto& one = deployments.at(steps[i].candidate.where());
    exchange.permit = gate::Permit::take(deployments, one);
    if (exchange.permit) return {Picked::How::ready, i};
    picked.how = Picked::How::full;
  }
  return picked;
}

bool has_others(const Exchange& exchange, std::size_t current) {
  const auto ask = ask_of(exchange);
  const auto& steps = exchange.record.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (i != current && open(exchange, steps[i], ask)) return true;
  return false;
}

bool has_larger_window(const Exchange& exchange, std::size_t current) {
  const auto ask = ask_of(exchange);
  const auto& steps = exchange.record.plan.steps;
  const auto window = [&](const route::Step& step) { return step.facts->context; };
  const auto here = window(steps[current]);
  for (std::size_t i = 0; here && i < steps.size(); ++i)
    if (i != current && open(exchange, steps[i], ask) && window(steps[i]) > here) return true;
  return false;
}

void forgive_tried(Exchange& exchange) {
  const auto& deployments = exchange.services.deployments;
  for (const auto& step : exchange.record.plan.steps)
    if (!tried(exchange, deployments.find(step.candidate.where()))) return;
  exchange.tried.clear();
}

net::Task<std::optional<ir::Failure>> wait_for_slot(Exchange& exchange, std::size_t& step) {
  auto& deployments = exchange.services.deployments;
  const auto& steps = exchange.record.plan.steps;
  const auto began = std::chrono::steady_clock::now();
  std::vector<route::Slots*> full;
  std::vector<std::size_t> index;
  const auto ask = ask_of(exchange);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!open(exchange, steps[i], ask)) continue;
    full.push_back(&deployments.at(steps[i].candidate.where()).slots);
    index.push_back(i);
  }
  Standing ticket(exchange.inbound.alarm);
  const std::span<route::Slots* const> line(full);
  if (!deployments.wait(ticket, line, exchange.envelope.priority().turn, ask.now))
    co_return busy("every key that could serve this is in use, and too many wait already");
  std::optional<ir::Failure> stopped;
  while (!ticket.got() && !stopped) {
    if (std::chrono::steady_clock::now() >= exchange.deadline)
      stopped = busy("every key that could serve this stayed in use for as long as was waited");
    else
      stopped = co_await doze(exchange, exchange.deadline);
  }
  const auto now = std::chrono::system_clock::now();
  exchange.record.plan.waited_ms +=
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count();
  if (!ticket.got()) {
    const bool timed_out = stopped->kind != ir::Failure::Kind::cancelled;
    route::Slots::cancel(ticket, timed_out, now);
    co_return stopped;
  }
  const auto at = std::ranges::find(full, ticket.got()) - full.begin();
  step = index[static_cast<std::size_t>(at)];
  // Adopted first: a client that left passes the slot on.
  exchange.permit = gate::Permit(deployments, deployments.at(steps[step].candidate.where()));
  co_return stopped;
}

net::Task<std::optional<ir::Failure>> wait_for_change(Exchange& exchange, TimePoint ready) {
  const auto began = std::chrono::steady_clock::now();
  gate::Line::Place place(exchange.services.line, exchange.inbound.alarm, ready, exchange.place);
  std::optional<ir::Failure> stopped;
  while (!place.called() && !stopped) stopped = co_await doze(exchange, Instant::max());
  exchange.record.plan.waited_ms +=
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count();
  co_return stopped;
}

}  // namespace tpool::exchange
