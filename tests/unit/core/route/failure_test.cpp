#include "core/route/failure.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::route;
using Kind = ir::Failure::Kind;

namespace {

const TimePoint now{std::chrono::hours(1)};

Verdict verdict(Kind kind, Tries tries = {1, 0, false, true}, int strikes = 0,
                std::optional<Milliseconds> hint = {}) {
  ir::Failure failure;
  failure.kind = kind;
  failure.retry_after = hint;
  return judge(failure, tries, strikes, now);
}

}  // namespace

TEST_CASE("once content went to the client nothing moves on") {
  for (const auto kind : {Kind::cut, Kind::rate_limited, Kind::overloaded, Kind::auth})
    CHECK(verdict(kind, {1, 0, true, true}).next == Next::stop);
}

TEST_CASE("a failure of the provider moves on, one of the request does not") {
  for (const auto kind : {Kind::unreachable, Kind::overloaded, Kind::cut, Kind::garbage, Kind::auth,
                          Kind::quota, Kind::forbidden, Kind::unsupported})
    CHECK(verdict(kind).next == Next::next);
  for (const auto kind : {Kind::invalid_request, Kind::context_length, Kind::refused,
                          Kind::too_large, Kind::cancelled})
    CHECK(verdict(kind).next == Next::stop);
}

TEST_CASE("attempts are bounded") {
  CHECK(verdict(Kind::overloaded, {max_attempts, 0, false, true}).next == Next::stop);
  CHECK(verdict(Kind::overloaded, {1, 0, false, false}).next == Next::stop);
}

TEST_CASE("a hint is remembered and, with nobody else left, waited for") {
  const auto hinted = verdict(Kind::rate_limited, {1, 0, false, true}, 0, Milliseconds(20'000));
  CHECK(hinted.next == Next::next);
  REQUIRE(hinted.hold.has_value());
  CHECK(hinted.hold->until == now + Milliseconds(20'000));
  CHECK(verdict(Kind::rate_limited, {1, 0, false, false}, 0, Milliseconds(20'000)).next ==
        Next::wait);
  CHECK(verdict(Kind::rate_limited, {1, 0, false, false}, 0, Milliseconds(121'000)).next ==
        Next::stop);
}

TEST_CASE("without a hint the pause doubles up to two minutes") {
  const auto pause = [](int strikes) {
    return verdict(Kind::rate_limited, {1, 0, false, true}, strikes).hold->until - now;
  };
  CHECK(pause(0) == std::chrono::seconds(5));
  CHECK(pause(1) == std::chrono::seconds(10));
  CHECK(pause(2) == std::chrono::seconds(20));
  CHECK(pause(50) == std::chrono::seconds(120));
}

TEST_CASE("what may have been billed is sent elsewhere once, not again and again") {
  CHECK(verdict(Kind::no_answer, {1, 1, false, true}).next == Next::next);
  CHECK(verdict(Kind::no_answer, {2, 2, false, true}).next == Next::stop);
}

TEST_CASE("a refused key is held until somebody changes it, a quota is asked again") {
  CHECK(verdict(Kind::auth).hold->until == TimePoint::max());
  CHECK(verdict(Kind::quota).hold->until == now + std::chrono::minutes(10));
}
