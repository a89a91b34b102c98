#include "core/route/failure.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

using Kind = ir::Failure::Kind;
using std::chrono::minutes;
using std::chrono::seconds;

// 5 s doubled per strike up to 120 s. The spread over clients comes from their own times: no
// randomness in core.
Milliseconds cool_down(int strikes) {
  return std::min<Milliseconds>(seconds(5) * (1 << std::clamp(strikes, 0, 5)), seconds(120));
}

Verdict limited(const ir::Failure& failure, const Tries& tries, int strikes, TimePoint now) {
  const auto pause = failure.retry_after.value_or(cool_down(strikes));
  Verdict verdict;
  verdict.reason = failure.retry_after ? "rate limited, with a hint" : "rate limited";
  verdict.hold = Hold{"cooldown", "rate limited", now + pause};
  if (tries.others)
    verdict.next = Next::next;
  else
    verdict.next = pause <= max_wait ? Next::wait : Next::stop;
  return verdict;
}

}  // namespace

Verdict judge(const ir::Failure& failure, const Tries& tries, int strikes, TimePoint now) {
  const auto move_on = [&](std::string reason) {
    const bool may = tries.others && tries.attempts < max_attempts;
    return Verdict{may ? Next::next : Next::stop, {}, std::move(reason)};
  };
  if (tries.committed) return {Next::stop, {}, "the answer had begun"};
  switch (failure.kind) {
    case Kind::cancelled: return {Next::stop, {}, "the client left"};
    case Kind::rate_limited:
      if (tries.attempts >= max_attempts) return {Next::stop, {}, "rate limited"};
      return limited(failure, tries, strikes, now);
    case Kind::quota: {
      auto verdict = move_on("quota exhausted");
      // A quota without a reset time is asked again every ten minutes.
      const auto pause =
          std::min<Milliseconds>(failure.retry_after.value_or(minutes(10)), minutes(10));
      verdict.hold = Hold{"quota", "quota exhausted", now + pause};
      return verdict;
    }
    case Kind::auth: {
      auto verdict = move_on("the key is not accepted");
      verdict.hold = Hold{"auth", "the provider does not accept the key", TimePoint::max()};
      return verdict;
    }
    case Kind::hold: {
      auto verdict = move_on("the account is on hold");
      verdict.hold = Hold{"hold", "the provider put the account on hold", TimePoint::max()};
      return verdict;
    }
    case Kind::unreachable: return move_on("not reachable");
    case Kind::no_answer:
      // It may have been billed: elsewhere once, not again and again.
      if (tries.after_send > 1) return {Next::stop, {}, "sent twice without an answer"};
      return move_on("sent, no answer");
    case Kind::silent:
      if (tries.after_send > 1) return {Next::stop, {}, "silent twice"};
      return move_on("silent for too long");
    case Kind::cut: return move_on("the answer was cut");
    case Kind::garbage: return move_on("the answer was not understood");
    case Kind::overloaded: return move_on("the provider failed");
    case Kind::forbidden: return move_on("forbidden");
    case Kind::not_found: return move_on("the provider does not have the model");
    case Kind::unsupported: return move_on("the provider does not know this dialect");
    case Kind::invalid_request: return {Next::stop, {}, "the request is wrong"};
    case Kind::context_length: return {Next::stop, {}, "the prompt does not fit"};
    case Kind::refused: return {Next::stop, {}, "refused by policy"};
    case Kind::too_large: return {Next::stop, {}, "the request is too large"};
    case Kind::internal: return {Next::stop, {}, "an internal failure"};
  }
  return {Next::stop, {}, "unknown failure"};
}

}  // namespace tpool::route
