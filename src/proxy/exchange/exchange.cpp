#include "proxy/exchange/exchange.hpp"

#include <algorithm>

#include "core/route/failure.hpp"
#include "proxy/exchange/attempt.hpp"
#include "proxy/exchange/charge.hpp"
#include "proxy/exchange/placement.hpp"
#include "proxy/exchange/refusal.hpp"
#include "proxy/exchange/selection.hpp"
#include "proxy/observe/cost.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

// A client waits this long at most for limits that providers report as used up.
constexpr Milliseconds most_paced{60'000};

Instant steady(TimePoint when) {
  const auto left = when - std::chrono::system_clock::now();
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<Milliseconds>(left);
}

// Of the answer the client got, be it only the beginning of one.
void add_cost(observe::Record& record, bool begun) {
  if (!record.usage || !begun) return;
  const auto& served = record.attempts.back();
  for (const auto& step : record.plan.steps) {
    const auto& candidate = step.candidate;
    if (candidate.provider->id != served.provider || candidate.upstream != served.model) continue;
    record.price_date = step.facts->price_date;
    record.cost_usd = observe::cost_of(step.facts->cost, *record.usage);
    return;
  }
}

net::Task<> finish(Exchange& exchange, ir::Failure failure, bool besides = false) {
  auto& record = exchange.record;
  const bool cancelled = failure.kind == Kind::cancelled;
  record.outcome = cancelled ? "cancelled" : exchange.answer.committed() ? "cut" : "failed";
  const auto final = told(exchange, std::move(failure), besides);
  record.error = final.message;
  if (!cancelled) {
    exchange.inbound.alarm.set(std::chrono::steady_clock::now() + std::chrono::seconds(30));
    exchange.answer.describe({}, exchange.attempts, {});
    co_await exchange.answer.fail(final);
  }
}

// What became of the steps of one plan.
struct Walk {
  enum class End { served, told, plan_again } end = End::told;
  std::optional<ir::Failure> failure = {};  // with told
  bool in_line = false;                     // that it ended while it waited for a slot
};

// Tokens as the provider counted them.
std::optional<std::int64_t> used(const observe::Record& record) {
  if (!record.usage) return std::nullopt;
  return record.usage->total_input() + record.usage->output;
}

// What is remembered of the failure, and what comes next.
route::Verdict remember(Exchange& exchange, std::size_t index, ir::Failure& failure,
                        TimePoint now) {
  auto& services = exchange.services;
  if (failure.retry_at && !failure.retry_after)
    failure.retry_after = std::max(
        Milliseconds(0), std::chrono::duration_cast<Milliseconds>(*failure.retry_at - now));
  exchange.after_send += failure.kind == Kind::no_answer || failure.kind == Kind::silent;
  exchange.dialect += failure.kind == Kind::unsupported;
  const bool too_long = failure.kind == Kind::context_length;
  const route::Policy policy{exchange.routing(), too_long && has_larger_window(exchange, index)};
  const route::Tries tries{exchange.attempts,
                           exchange.after_send,
                           exchange.answer.committed(),
                           has_others(exchange, index),
                           exchange.dialect,
                           exchange.same,
                           services.retries.has_room(now, exchange.routing())};
  const auto seed =
      std::hash<std::string>()(exchange.record.id) + static_cast<std::size_t>(exchange.attempts);
  const auto& one = exchange.permit.deployment();
  auto verdict =
      route::judge(failure, policy, tries, services.deployments.past(one, now), now, seed);
  // The key may have another secret by now, which this one's fate is no word about.
  const auto& asked = exchange.record.plan.steps[index].candidate;
  const auto proof = exchange.snapshot->destination(asked).proof();
  if (verdict.hold && !services.deployments.has(one, proof)) {
    verdict.hold.reset();
    if (verdict.next == route::Next::wait) verdict.next = route::Next::stop;
  }
  exchange.permit.failed(verdict, now);
  if (verdict.hold) services.keeper.changed();
  if (verdict.charged) services.retries.spend(now);
  return verdict;
}

net::Task<Walk> walk(Exchange& exchange) {
  auto picked = pick(exchange);
  for (;;) {
    if (picked.how == Picked::How::none) co_return Walk{Walk::End::plan_again};
    if (picked.how == Picked::How::full) {
      auto stopped = co_await wait_for_slot(exchange, picked);
      if (stopped) co_return Walk{Walk::End::told, std::move(*stopped), true};
      continue;
    }
    // Somebody else's request may have spent a budget meanwhile.
    if (exchange.verdicts != exchange.services.budgets.verdicts()) {
      exchange.permit.release();
      co_return Walk{Walk::End::plan_again};
    }
    exchange.in_line_since.reset();
    const auto& step = exchange.record.plan.steps[picked.step];
    observe::Attempt noted;
    noted.provider = step.candidate.provider->id;
    noted.key = step.candidate.key_id();
    noted.model = step.candidate.upstream;
    noted.lane = step.lane;
    const auto began = std::chrono::steady_clock::now();
    ++exchange.attempts;
    exchange.permit.began(ask_of(exchange));
    const bool others = exchange.record.plan.steps.size() > 1 && has_others(exchange, picked.step);
    exchange.content_within = content_limit(exchange, step, others);
    const auto attempted = route::began(exchange.services.experience, step);
    exchange.record.usage.reset();
    exchange.sent = false;
    auto failure = co_await attempt(exchange, step, noted);
    const auto ended = std::chrono::steady_clock::now();
    const auto now = std::chrono::system_clock::now();
    noted.duration_ms = std::chrono::duration_cast<Milliseconds>(ended - began).count();
    charge(exchange, step, failure, now);
    if (!failure) {
      learn(exchange, attempted, began, ended, now, nullptr);
      const auto bars = exchange.services.deployments.changes();
      exchange.permit.succeeded(used(exchange.record), now);
      exchange.permit.release(now);
      if (exchange.services.deployments.changes() != bars) exchange.services.line.call_all();
      exchange.record.served = exchange.record.attempts.size();
      exchange.record.attempts.push_back(std::move(noted));
      co_return Walk{Walk::End::served};
    }
    const auto verdict = remember(exchange, picked.step, *failure, now);
    learn(exchange, attempted, began, ended, now, &verdict);
    noted.failure_class = ir::to_string(failure->kind);
    noted.status = failure->status;
    noted.reason = failure->message.empty() ? verdict.reason : failure->message;
    exchange.record.attempts.push_back(std::move(noted));
    if (verdict.next == route::Next::again) {
      ++exchange.same;
      const auto when = ended + verdict.backoff;
      auto left = co_await pause(exchange.inbound.alarm, exchange.answer, when);
      // Its pace, or what befell others meanwhile, may keep it from running at once.
      if (!left && is_open(exchange, picked.step)) continue;
      exchange.permit.release();
      if (!left) co_return Walk{Walk::End::plan_again};
      co_return Walk{Walk::End::told, std::move(*left)};
    }
    // One that said when to come back is tried again then, but not while others are left.
    if (!verdict.hold || verdict.next == route::Next::next)
      exchange.tried.push_back({&exchange.permit.deployment(), verdict.hold.has_value()});
    // Where it goes on is a larger window, or nowhere.
    if (failure->kind == Kind::context_length) pass_over_smaller(exchange, picked.step);
    exchange.permit.release();
    if (verdict.next == route::Next::wait)
      co_return Walk{Walk::End::plan_again, std::move(*failure)};
    if (verdict.next != route::Next::next) co_return Walk{Walk::End::told, std::move(*failure)};
    picked = pick(exchange);
  }
}

net::Task<> serve(Exchange& exchange) {
  auto& plan = exchange.record.plan;
  auto now = std::chrono::system_clock::now();
  exchange.services.retries.request(now);
  for (;; now = std::chrono::system_clock::now()) {
    if (exchange.services.line.called(now)) co_await give_way(exchange);
    exchange.verdicts = exchange.services.budgets.verdicts();
    auto made =
        route::plan(*exchange.snapshot->pool, exchange.envelope, exchange.services.deployments, now,
                    nullptr, &exchange.services.budgets);
    if (!made) {
      ir::Failure failure;
      failure.kind = Kind::not_found;
      failure.status = 404;
      failure.code = "model_not_found";
      failure.message = made.error().message;
      if (!made.error().hint.empty()) failure.message += ": " + made.error().hint;
      co_await finish(exchange, std::move(failure));
      co_return;
    }
    exchange.fresh = true;
    if (made->steps.size() > 1) co_await order(exchange, *made, now);
    const auto waited = plan.waited_ms;
    plan = std::move(*made);
    plan.waited_ms = waited;
    if (plan.steps.empty()) {
      const auto ready = plan.earliest();
      const auto& routing = exchange.routing();
      const auto limit = exchange.attempts > 0 ? routing.longest_wait : routing.ready_wait;
      const bool worth = ready && *ready - now <= limit && steady(*ready) <= exchange.deadline &&
                         exchange.attempts < routing.attempts;
      std::optional<ir::Failure> left;
      if (worth)
        left = co_await wait_for_change(exchange, *ready);
      else
        left = nobody(plan, exchange.envelope.operation);
      if (left) {
        co_await finish(exchange, std::move(*left));
        co_return;
      }
      continue;
    }
    const auto later = plan.better_later(now);
    if (later && plan.waited_ms < most_paced.count() && steady(*later) <= exchange.deadline) {
      auto left = co_await wait_for_change(exchange, *later);
      if (!left) continue;
      co_await finish(exchange, std::move(*left));
      co_return;
    }
    if (!exchange.tried.empty()) forgive_tried(exchange);
    auto walked = co_await walk(exchange);
    if (walked.end == Walk::End::served) {
      exchange.record.outcome = "served";
      co_return;
    }
    if (walked.end == Walk::End::told) {
      say_when(exchange, *walked.failure);
      co_await finish(exchange, std::move(*walked.failure), walked.in_line);
      co_return;
    }
  }
}

}  // namespace

net::Task<> run(Exchange& exchange) {
  exchange.services.observer.started();
  co_await serve(exchange);
  exchange.inbound.alarm.clear();
  auto& record = exchange.record;
  add_cost(record, exchange.answer.committed());
  record.status = exchange.answer.reply().status();
  record.duration_ms =
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - exchange.started)
          .count();
  exchange.services.observer.finished(std::move(record), exchange.snapshot);
}

}  // namespace tpool::exchange
