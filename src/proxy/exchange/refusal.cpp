#include "proxy/exchange/refusal.hpp"

#include <algorithm>

#include "proxy/exchange/selection.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

// Somebody can be asked at once, only not by this request.
constexpr Milliseconds soon{1'000};

std::string who(const observe::Attempt& attempt) {
  return attempt.key.empty() ? attempt.provider : attempt.provider + " (key " + attempt.key + ")";
}

}  // namespace

ir::Failure told(const Exchange& exchange, ir::Failure failure, bool besides) {
  std::string message;
  if (besides) message = failure.message;
  std::string last;
  for (const auto& attempt : exchange.record.attempts) {
    auto one = who(attempt) + ": " + attempt.reason;
    if (one == last) continue;
    message += (message.empty() ? "" : "; ") + one;
    last = std::move(one);
  }
  for (const auto& one : exchange.record.plan.rejected) {
    if (one.key.empty() && exchange.record.plan.rejected.size() > 8) break;
    // A spent budget names itself, and bears on many alike.
    if (one.gate == "budget" && message.find(one.reason) != std::string::npos) continue;
    message += message.empty() ? "" : "; ";
    if (one.gate != "budget")
      message += one.provider + (one.key.empty() ? "" : " (key " + one.key + ")") + ": ";
    message += one.reason;
  }
  if (!message.empty()) failure.message = std::move(message);
  return failure;
}

ir::Failure nobody(const route::Plan& plan, route::Operation operation) {
  ir::Failure failure;
  failure.kind = Kind::overloaded;
  failure.status = 503;
  failure.message = "no provider can take this request now";
  const auto any_by = [&](std::string_view gate) {
    return std::ranges::find(plan.rejected, gate, &route::Rejected::gate) != plan.rejected.end();
  };
  // A rule that is for other requests says nothing about who could take this one, and a key that is
  // switched off as little.
  const bool only_protocol = std::ranges::all_of(plan.rejected, [](const route::Rejected& one) {
    return one.gate == "protocol" || one.gate == "rule" || one.gate == "enabled";
  });
  if (const auto ready = plan.earliest_said()) {
    failure.kind = Kind::rate_limited;
    failure.retry_after =
        std::chrono::duration_cast<Milliseconds>(*ready - std::chrono::system_clock::now());
    // Nobody is too busy: the user's own limit ends it, and asking again is no use.
    for (const auto& one : plan.rejected)
      if (one.gate == "budget" && one.ready == ready) failure.kind = Kind::quota;
  } else if (any_by("hold")) {
    failure.kind = Kind::hold;
  } else if (any_by("auth")) {
    failure.kind = Kind::auth;
  } else if (any_by("protocol") && only_protocol) {
    failure.kind =
        operation == route::Operation::count_tokens ? Kind::not_found : Kind::invalid_request;
  }
  return failure;
}

void say_when(const Exchange& exchange, ir::Failure& failure) {
  if (exchange.answer.committed()) return;
  if (failure.kind != Kind::rate_limited && !failure.retry_after) return;
  const auto now = std::chrono::system_clock::now();
  const auto left =
      route::plan(*exchange.snapshot->pool, exchange.envelope, exchange.services.deployments, now,
                  nullptr, &exchange.services.budgets);
  if (!left) return;
  if (!left->steps.empty()) {
    const bool spent = exchange.attempts >= exchange.routing().attempts;
    const bool unasked = spent && !std::ranges::all_of(left->steps, [&](const route::Step& step) {
                           return was_tried(exchange, step);
                         });
    if (unasked || !failure.retry_after) failure.retry_after = soon;
    return;
  }
  if (const auto ready = left->earliest_said())
    failure.retry_after =
        std::max(Milliseconds(0), std::chrono::duration_cast<Milliseconds>(*ready - now));
}

}  // namespace tpool::exchange
