#include "proxy/exchange/selection.hpp"

#include <algorithm>
#include <utility>

#include "proxy/exchange/pace.hpp"
#include "proxy/gate/line.hpp"

namespace tpool::exchange {
namespace {

// A client that is turned away for want of a slot may ask again after this.
constexpr Milliseconds ask_again{5'000};
// Who waits for a slot looks for somebody else at most this often.
constexpr Milliseconds least_pause{20};

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

const Tried* tried(const Exchange& exchange, const route::Deployment* one) {
  const auto found = std::ranges::find(exchange.tried, one, &Tried::one);
  return one && found != exchange.tried.end() ? &*found : nullptr;
}

// A step as it is by now.
struct State {
  bool open = false;
  bool broken = false;                 // open, but so is its breaker
  TimePoint ready = TimePoint::max();  // when that, or what keeps it from being open, may end
};

State state(const Exchange& exchange, const route::Step& step, const route::Ask& ask) {
  const auto& deployments = exchange.services.deployments;
  const auto where = step.candidate.where();
  const auto look = deployments.look(where, ask);
  const auto* failed = exchange.tried.empty() ? nullptr : tried(exchange, deployments.find(where));
  if (failed && !(failed->rests && look.bar && !look.bar->soft)) return {};
  if (failed) return {false, false, look.bar->ready};
  if (!look.bar) return {true};
  if (look.bar->soft && look.bar->state != "breaker") return {true};
  return {look.bar->soft, look.bar->soft, look.bar->ready};
}

bool open(const Exchange& exchange, const route::Step& step, const route::Ask& ask) {
  return state(exchange, step, ask).open;
}

// Those that a request waits for: open ones, and broken ones only when it has no other.
struct Usable {
  std::vector<std::size_t> steps;
  TimePoint changes = TimePoint::max();  // when there may be more
};

Usable usable(const Exchange& exchange, const route::Ask& ask) {
  const auto& steps = exchange.record.plan.steps;
  Usable found;
  std::vector<std::size_t> broken;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto it = state(exchange, steps[i], ask);
    if (it.open) (it.broken ? broken : found.steps).push_back(i);
    if (!it.open || it.broken) found.changes = std::min(found.changes, it.ready);
  }
  if (found.steps.empty()) found.steps = std::move(broken);
  if (const auto ready = exchange.record.plan.earliest())
    found.changes = std::min(found.changes, *ready);
  return found;
}

ir::Failure busy(std::string message) {
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::rate_limited;
  failure.status = 429;
  failure.message = std::move(message);
  failure.retry_after = ask_again;
  return failure;
}

// Places are compared by a clock that nobody sets: else who comes later might pass.
const route::Position& place(Exchange& exchange) {
  if (exchange.place.number == 0) {
    const TimePoint now(std::chrono::steady_clock::now().time_since_epoch());
    exchange.place = exchange.services.deployments.position(exchange.envelope.priority().turn, now);
  }
  return exchange.place;
}

// Who rested may be asked again; the last attempt is for somebody who was not asked yet.
void forgive_rested(Exchange& exchange) {
  if (exchange.attempts + 1 < exchange.routing().attempts)
    std::erase_if(exchange.tried, &Tried::rests);
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
  const bool fresh = std::exchange(exchange.fresh, false) && exchange.tried.empty();
  const auto ask = fresh ? route::Ask() : ask_of(exchange);
  Picked picked;
  for (const bool broken : {false, true}) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto it = fresh ? State{true, steps[i].broken} : state(exchange, steps[i], ask);
      if (!it.open || it.broken != broken) continue;
      auto& one = deployments.at(steps[i].candidate.where());
      exchange.permit = gate::Permit::take(deployments, one);
      if (exchange.permit) return {Picked::How::ready, i};
      picked.how = Picked::How::full;
    }
    // Who is whole but full is waited for.
    if (picked.how == Picked::How::full) break;
  }
  return picked;
}

bool is_open(const Exchange& exchange, std::size_t step) {
  return open(exchange, exchange.record.plan.steps[step], ask_of(exchange));
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

void pass_over_smaller(Exchange& exchange, std::size_t current) {
  auto& deployments = exchange.services.deployments;
  const auto& steps = exchange.record.plan.steps;
  const auto here = steps[current].facts->context;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (i != current && !(steps[i].facts->context > here))
      exchange.tried.push_back({&deployments.at(steps[i].candidate.where()), false});
}

bool was_tried(const Exchange& exchange, const route::Step& step) {
  return tried(exchange, exchange.services.deployments.find(step.candidate.where())) != nullptr;
}

void forgive_tried(Exchange& exchange) {
  for (const auto& step : exchange.record.plan.steps)
    if (!was_tried(exchange, step)) return;
  exchange.tried.clear();
}

net::Task<> give_way(Exchange& exchange) {
  return exchange.services.line.give_way(place(exchange));
}

net::Task<std::optional<ir::Failure>> wait_for_slot(Exchange& exchange, Picked& picked) {
  auto& deployments = exchange.services.deployments;
  const auto& steps = exchange.record.plan.steps;
  const auto began = std::chrono::steady_clock::now();
  const auto ask = ask_of(exchange);
  const auto candidates = usable(exchange, ask);
  std::vector<route::Slots*> full;
  picked.how = Picked::How::none;
  for (const auto i : candidates.steps) {
    full.push_back(&deployments.at(steps[i].candidate.where()).slots);
    if (full.back()->room()) co_return std::nullopt;
  }
  if (full.empty()) co_return std::nullopt;
  Standing ticket(exchange.inbound.alarm);
  if (!route::Slots::wait(ticket, full, place(exchange), ask.now, exchange.in_line_since))
    co_return busy("every key that could serve this is in use, and too many wait already");
  const auto since = exchange.in_line_since.value_or(ask.now);
  exchange.in_line_since.reset();
  const auto look_again = std::max(candidates.changes, ask.now + least_pause);
  gate::Line::Place others(exchange.services.line, exchange.inbound.alarm, look_again,
                           exchange.place);
  std::optional<ir::Failure> stopped;
  while (!ticket.got() && !others.called() && !stopped) {
    if (std::chrono::steady_clock::now() >= exchange.deadline)
      stopped = busy("every key that could serve this stayed in use for as long as was waited");
    else
      stopped = co_await doze(exchange, exchange.deadline);
  }
  const auto now = std::chrono::system_clock::now();
  exchange.record.plan.waited_ms +=
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count();
  if (!stopped) exchange.in_line_since = since;
  if (!ticket.got()) {
    const bool timed_out = stopped && stopped->kind != ir::Failure::Kind::cancelled;
    route::Slots::cancel(ticket, timed_out, now);
    if (!stopped) forgive_rested(exchange);
    co_return stopped;
  }
  // Adopted first: a client that left passes the slot on.
  const auto at = std::ranges::find(full, ticket.got()) - full.begin();
  const auto step = candidates.steps[static_cast<std::size_t>(at)];
  exchange.permit = gate::Permit(deployments, deployments.at(steps[step].candidate.where()));
  if (stopped) co_return stopped;
  // What became of it meanwhile may make another one the better.
  const auto left = usable(exchange, ask_of(exchange)).steps;
  if (std::ranges::find(left, step) == left.end())
    exchange.permit.release(now);
  else
    picked = {Picked::How::ready, step};
  co_return std::nullopt;
}

net::Task<std::optional<ir::Failure>> wait_for_change(Exchange& exchange, TimePoint ready) {
  const auto began = std::chrono::steady_clock::now();
  gate::Line::Place standing(exchange.services.line, exchange.inbound.alarm, ready,
                             place(exchange));
  std::optional<ir::Failure> stopped;
  // It is called before that, unless the clock was set back.
  while (!standing.called() && !stopped && std::chrono::steady_clock::now() < exchange.deadline)
    stopped = co_await doze(exchange, exchange.deadline);
  exchange.record.plan.waited_ms +=
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count();
  co_return stopped;
}

}  // namespace tpool::exchange
