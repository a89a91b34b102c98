#include "core/route/failure.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::route;
using Kind = ir::Failure::Kind;

namespace {

const TimePoint now{std::chrono::hours(1)};

struct Case {
  Tries tries = {1, 0, false, true};
  Past past = {};
  std::optional<Milliseconds> hint = {};
  std::uint64_t seed = 7;
  int status = 0;
  Policy policy = {};
  bool local = false;
};

Verdict verdict(Kind kind, const Case& given = {}) {
  ir::Failure failure;
  failure.kind = kind;
  failure.retry_after = given.hint;
  failure.status = given.status;
  failure.local = given.local;
  return judge(failure, given.policy, given.tries, given.past, now, given.seed);
}

constexpr Tries alone{1, 0, false, false};

}  // namespace

TEST_CASE("once content went to the client nothing moves on, but what was learned stays") {
  for (const auto kind : {Kind::cut, Kind::rate_limited, Kind::overloaded, Kind::auth})
    CHECK(verdict(kind, {.tries = {1, 0, true, true}}).next == Next::stop);
  CHECK(verdict(Kind::cut, {.tries = {1, 0, true, true}}).blame == Blame::model);
  CHECK(verdict(Kind::auth, {.tries = {1, 0, true, true}}).hold.has_value());
}

TEST_CASE("a failure of the provider moves on, one of the request does not") {
  for (const auto kind : {Kind::unreachable, Kind::overloaded, Kind::cut, Kind::garbage, Kind::auth,
                          Kind::quota, Kind::forbidden, Kind::unsupported, Kind::not_found})
    CHECK(verdict(kind).next == Next::next);
  for (const auto kind : {Kind::invalid_request, Kind::context_length, Kind::refused,
                          Kind::too_large, Kind::cancelled, Kind::internal})
    CHECK(verdict(kind).next == Next::stop);
}

TEST_CASE("whose fault it was decides whose breaker counts it") {
  CHECK(verdict(Kind::unreachable).blame == Blame::provider);
  CHECK(verdict(Kind::unreachable, {.local = true}).blame == Blame::nobody);
  CHECK(verdict(Kind::forbidden).blame == Blame::provider);
  for (const auto kind :
       {Kind::overloaded, Kind::cut, Kind::garbage, Kind::no_answer, Kind::silent})
    CHECK(verdict(kind).blame == Blame::model);
  for (const auto kind : {Kind::rate_limited, Kind::auth, Kind::quota, Kind::cancelled,
                          Kind::invalid_request, Kind::unsupported, Kind::not_found})
    CHECK(verdict(kind).blame == Blame::nobody);
}

TEST_CASE("attempts are bounded, and standing alone means once more at the same") {
  CHECK(verdict(Kind::overloaded, {.tries = {config::default_routing.attempts, 0, false, true}})
            .next == Next::stop);
  const auto again = verdict(Kind::overloaded, {.tries = alone});
  CHECK(again.next == Next::again);
  CHECK(again.backoff >= Milliseconds(200));
  CHECK(again.backoff <= Milliseconds(600));
  auto repeated = alone;
  repeated.attempts = 2;
  repeated.same = 1;
  CHECK(verdict(Kind::overloaded, {.tries = repeated}).next == Next::stop);
}

TEST_CASE("the first retry is free, others are paid, a rate limit never is") {
  CHECK_FALSE(verdict(Kind::overloaded).charged);
  Tries second{2, 0, false, true};
  CHECK(verdict(Kind::overloaded, {.tries = second}).charged);
  second.budget = false;
  CHECK(verdict(Kind::overloaded, {.tries = second}).next == Next::stop);
  const auto limited = verdict(Kind::rate_limited, {.tries = second, .hint = Milliseconds(1)});
  CHECK(limited.next == Next::next);
  CHECK_FALSE(limited.charged);
  Tries first{1, 0, false, true};
  first.budget = false;
  CHECK(verdict(Kind::overloaded, {.tries = first}).next == Next::next);
}

TEST_CASE("a hint is remembered and, with nobody else left, waited for") {
  const auto hinted = verdict(Kind::rate_limited, {.hint = Milliseconds(20'000)});
  CHECK(hinted.next == Next::next);
  REQUIRE(hinted.hold.has_value());
  CHECK(hinted.hold->until == now + Milliseconds(20'000));
  CHECK(hinted.hold->scope == Scope::model);
  CHECK_FALSE(hinted.strike);
  CHECK(verdict(Kind::rate_limited, {.tries = alone, .hint = Milliseconds(20'000)}).next ==
        Next::wait);
  CHECK(verdict(Kind::rate_limited, {.tries = alone, .hint = Milliseconds(121'000)}).next ==
        Next::stop);
  CHECK(verdict(Kind::rate_limited, {.past = {0, true}}).hold->scope == Scope::key);
}

TEST_CASE("a hint as a moment counts like one as a span, and none counts for ever") {
  ir::Failure failure;
  failure.kind = Kind::rate_limited;
  failure.retry_at = now + std::chrono::seconds(90);
  CHECK(judge(failure, {}, {1, 0, false, true}, {}, now, 1).hold->until == *failure.retry_at);
  failure.retry_at = now - std::chrono::hours(2);
  CHECK(judge(failure, {}, {1, 0, false, true}, {}, now, 1).hold->until == now);
  failure.retry_at = TimePoint::max();
  CHECK(judge(failure, {}, {1, 0, false, true}, {}, now, 1).hold->until <
        now + std::chrono::hours(24 * 36));
}

TEST_CASE("a 5xx with a hint is honoured too") {
  const auto said = verdict(Kind::overloaded, {.hint = Milliseconds(30'000), .status = 503});
  REQUIRE(said.hold.has_value());
  CHECK(said.hold->state == "cooldown");
  CHECK(said.blame == Blame::model);
  CHECK_FALSE(verdict(Kind::overloaded).hold.has_value());
}

TEST_CASE("without a hint the pause doubles up to two minutes, spread by a fifth") {
  const auto pause = [](int strikes, std::uint64_t seed) {
    const auto made = verdict(Kind::rate_limited, {.past = {strikes, false}, .seed = seed});
    CHECK(made.strike);
    return std::chrono::duration<double>(made.hold->until - now).count();
  };
  const double wanted[] = {5, 10, 20, 40, 80, 120, 120};
  double least = 2;
  double most = 0;
  for (int strikes = 0; strikes < 7; ++strikes)
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const auto ratio = pause(strikes, seed) / wanted[strikes];
      CHECK(ratio >= 0.799);
      CHECK(ratio <= 1.201);
      least = std::min(least, ratio);
      most = std::max(most, ratio);
    }
  CHECK(least < 0.85);
  CHECK(most > 1.15);
  CHECK(pause(3, 11) == pause(3, 11));
}

TEST_CASE("what may have been billed is sent elsewhere once, not again and again") {
  CHECK(verdict(Kind::no_answer, {.tries = {1, 1, false, true}}).next == Next::next);
  CHECK(verdict(Kind::no_answer, {.tries = {2, 2, false, true}}).next == Next::stop);
  CHECK(verdict(Kind::silent, {.tries = {1, 1, false, false}}).next == Next::stop);
}

TEST_CASE("a dialect nobody knows is asked of one other, a long prompt only where there is room") {
  Tries twice{2, 0, false, true};
  twice.dialect = 2;
  CHECK(verdict(Kind::unsupported, {.tries = twice}).next == Next::stop);
  CHECK(verdict(Kind::context_length, {.policy = {.larger_window = true}}).next == Next::next);
}

TEST_CASE("a refused key, an account on hold and a quota say whom they concern") {
  const auto auth = verdict(Kind::auth);
  CHECK(auth.hold->until == TimePoint::max());
  CHECK(auth.hold->scope == Scope::key);
  CHECK(verdict(Kind::hold).hold->scope == Scope::group);
  const auto quota = verdict(Kind::quota);
  CHECK(quota.hold->until == TimePoint::max());  // its probes end it
  CHECK(quota.hold->scope == Scope::model);
  CHECK(verdict(Kind::quota, {.status = 402}).hold->scope == Scope::key);
  CHECK(verdict(Kind::quota, {.hint = std::chrono::hours(5)}).hold->until ==
        now + std::chrono::hours(5));
}

TEST_CASE("an answer of any kind shows that the way there is open") {
  CHECK(verdict(Kind::overloaded, {.status = 500}).reached);
  CHECK_FALSE(verdict(Kind::unreachable).reached);
  CHECK_FALSE(verdict(Kind::forbidden, {.status = 403}).reached);
}
