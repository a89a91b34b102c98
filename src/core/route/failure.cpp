#include "core/route/failure.hpp"

#include <algorithm>

#include "core/route/growth.hpp"
#include "core/route/random.hpp"

namespace tpool::route {
namespace {

using Kind = ir::Failure::Kind;

Milliseconds spread(Milliseconds pause, double by, std::uint64_t seed) {
  const auto factor = 1 - by + 2 * by * Random(seed).uniform();
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * factor));
}

Milliseconds cool_down(const config::Routing& routing, int strikes, std::uint64_t seed) {
  const auto pause =
      grown(routing.cool_down, routing.cool_down_growth, strikes, routing.longest_cool_down);
  return spread(pause, routing.cool_down_spread, seed);
}

// The provider's own word, whichever form it had.
std::optional<Milliseconds> hint(const ir::Failure& failure, TimePoint now) {
  std::optional<Milliseconds> pause = failure.retry_after;
  if (!pause && failure.retry_at)
    pause = std::chrono::ceil<Milliseconds>(std::min(*failure.retry_at, now + longest_hint) - now);
  if (pause) pause = std::clamp(*pause, Milliseconds(0), longest_hint);
  return pause;
}

struct Row {
  const ir::Failure& failure;
  const Policy& policy;
  const Tries& tries;
  const Past& past;
  TimePoint now;
  std::uint64_t seed;
  const config::Routing& routing = policy.routing;

  bool may_retry(bool charged) const {
    return tries.attempts < routing.attempts && (!charged || tries.budget);
  }

  Verdict stop(std::string reason) const {
    Verdict verdict;
    verdict.reason = std::move(reason);
    return verdict;
  }

  // Another candidate.
  Verdict move_on(std::string reason, Blame blame = Blame::nobody) const {
    auto verdict = stop(std::move(reason));
    verdict.blame = blame;
    const bool charged = tries.attempts > routing.free_retries;
    if (!tries.others || !may_retry(charged)) return verdict;
    verdict.next = Next::next;
    verdict.charged = charged;
    return verdict;
  }

  // Another candidate, or the same once more when it stands alone.
  Verdict move_on_or_repeat(std::string reason, Blame blame) const {
    auto verdict = move_on(std::move(reason), blame);
    const bool charged = tries.attempts > routing.free_retries;
    if (tries.others || tries.same > 0 || !may_retry(charged)) return verdict;
    verdict.next = Next::again;
    verdict.charged = charged;
    verdict.backoff = spread(Milliseconds(400), 0.5, seed);
    return verdict;
  }

  // Somebody else now, or this one when its time has come.
  Verdict move_on_or_wait(Hold hold, Milliseconds pause) const {
    auto verdict = stop(hold.reason);
    hold.until = now + pause;
    if (past.key_limited) hold.scope = Scope::key;
    verdict.hold = std::move(hold);
    if (tries.attempts >= routing.attempts) return verdict;
    if (tries.others)
      verdict.next = Next::next;
    else if (pause <= routing.longest_wait)
      verdict.next = Next::wait;
    return verdict;
  }

  Verdict limited() const {
    const auto said = hint(failure, now);
    auto verdict = move_on_or_wait({"cooldown", "rate limited"},
                                   said.value_or(cool_down(routing, past.strikes, seed)));
    if (said) verdict.reason = "rate limited, with a hint";
    verdict.strike = !said;
    verdict.slow_down = true;
    return verdict;
  }

  Verdict failed() const {
    const bool full = failure.status == 529;
    const auto said = hint(failure, now);
    auto verdict = said ? move_on_or_wait({"cooldown", "the provider asked to wait"}, *said)
                        : move_on_or_repeat("the provider failed", Blame::model);
    verdict.blame = Blame::model;
    verdict.slow_down = full;
    return verdict;
  }

  Verdict quota() const {
    auto verdict = move_on("quota exhausted");
    // Without a reset time its probes alone end it.
    Hold hold{"quota", "quota exhausted"};
    if (const auto said = hint(failure, now)) hold.until = now + *said;
    const bool account = failure.status == 402 || past.key_limited;
    if (account) hold.scope = Scope::key;
    verdict.hold = std::move(hold);
    return verdict;
  }

  Verdict barred(std::string state, std::string reason, Scope scope) const {
    auto verdict = move_on(reason);
    verdict.hold = Hold{std::move(state), std::move(reason), TimePoint::max(), scope};
    return verdict;
  }

  Verdict by_kind() const {
    switch (failure.kind) {
      case Kind::cancelled: return stop("the client left");
      case Kind::rate_limited: return limited();
      case Kind::quota: return quota();
      case Kind::auth: return barred("auth", "the provider does not accept the key", Scope::key);
      case Kind::hold: return barred("hold", "the provider put the account on hold", Scope::group);
      case Kind::unreachable:
        if (failure.local) return move_on_or_repeat("no network", Blame::nobody);
        return move_on_or_repeat("not reachable", Blame::provider);
      case Kind::no_answer:
        // It may have been billed: elsewhere once, not again and again.
        if (tries.after_send > 1) return blamed("sent twice without an answer");
        return move_on("sent, no answer", Blame::model);
      case Kind::silent:
        if (tries.after_send > 1) return blamed("silent twice");
        return move_on("silent for too long", Blame::model);
      case Kind::cut: return move_on_or_repeat("the answer was cut", Blame::model);
      case Kind::garbage: return move_on_or_repeat("the answer was not understood", Blame::model);
      case Kind::overloaded: return failed();
      // A gateway's page or a region: the way there, not the key.
      case Kind::forbidden: return move_on("forbidden", Blame::provider);
      case Kind::not_found: return move_on("the provider does not have the model");
      case Kind::unsupported:
        if (tries.dialect > 1) return stop("two providers do not know this dialect");
        return move_on("the provider does not know this dialect");
      case Kind::invalid_request: return stop("the request is wrong");
      case Kind::context_length:
        return policy.larger_window ? move_on("the prompt does not fit")
                                    : stop("the prompt does not fit");
      case Kind::refused: return stop("refused by policy");
      case Kind::too_large: return stop("the request is too large");
      case Kind::internal: return stop("an internal failure");
    }
    return stop("unknown failure");
  }

  Verdict blamed(std::string reason) const {
    auto verdict = stop(std::move(reason));
    verdict.blame = Blame::model;
    return verdict;
  }
};

}  // namespace

Verdict judge(const ir::Failure& failure, const Policy& policy, const Tries& tries,
              const Past& past, TimePoint now, std::uint64_t seed) {
  auto verdict = Row{failure, policy, tries, past, now, seed}.by_kind();
  verdict.reached = failure.status > 0 && verdict.blame != Blame::provider;
  if (!tries.committed) return verdict;
  // What is remembered stays; nothing is ever sent a second time.
  verdict.next = Next::stop;
  verdict.charged = false;
  if (failure.kind != Kind::cancelled) verdict.reason = "the answer had begun";
  return verdict;
}

}  // namespace tpool::route
