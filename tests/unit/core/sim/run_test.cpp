#include "core/sim/run.hpp"

#include <doctest/doctest.h>

#include "core/sim/endpoint.hpp"

using namespace tpool;
using namespace tpool::sim;

TEST_CASE("a run repeats itself to the last cent") {
  const auto once = run(7, Regime::flapping, route::Profile::balanced, {});
  const auto again = run(7, Regime::flapping, route::Profile::balanced, {});
  CHECK(once.usd == again.usd);
  CHECK(once.seconds == again.seconds);
  CHECK(once.attempts == again.attempts);
  const auto other = run(8, Regime::flapping, route::Profile::balanced, {});
  CHECK(once.usd != other.usd);
}

TEST_CASE("every call ends as exactly one of served, cut and unserved") {
  for (const auto regime : regimes) {
    const auto tally = run(3, regime, route::Profile::cheap, {});
    CAPTURE(to_string(regime));
    CHECK(tally.calls > 1000);
    CHECK(tally.calls == tally.served + tally.cut + tally.unserved);
    CHECK(tally.attempts >= tally.served);
    CHECK(tally.cached_tokens <= tally.prompt_tokens);
  }
}

TEST_CASE("a bucket refills in a minute and never holds more") {
  Bucket bucket(60);
  CHECK(bucket.wait(1, 0) == 0);
  bucket.take(60, 0);
  CHECK(bucket.wait(1, 0) == doctest::Approx(1));
  CHECK(bucket.wait(1, 1) == doctest::Approx(0));
  CHECK(bucket.wait(600, 0.5) == doctest::Approx(59).epsilon(0.02));
  CHECK(bucket.level(1000) == 60);
}

TEST_CASE("a deployment caches a session for five minutes, and what all share") {
  Endpoint endpoint(Regime::steady, 0, 1);
  Call call{1, 77, 1, 15'000, 300, route::Class::interactive};
  CHECK(endpoint.cached(call, 0) == 0);
  const auto answer = endpoint.attempt(call, 1, 0, 60, false);
  REQUIRE(answer.committed);
  CHECK(answer.cached == 0);
  call.prompt = 16'000;
  CHECK(endpoint.cached(call, 100) == 15'000);
  CHECK(endpoint.cached({2, 78, 1, 15'000, 300}, 100) == shared_prefix);
  CHECK(endpoint.cached(call, 301) == 0);
}

TEST_CASE("an outage refuses, a hang is silent for as long as is waited") {
  Endpoint endpoint(Regime::outage, 0, 1);
  const Call call{1, 77, 1, 15'000, 300, route::Class::interactive};
  const auto refused = endpoint.attempt(call, 1, trouble_begins + 1, 60, false);
  CHECK(refused.failed == ir::Failure::Kind::unreachable);
  CHECK(refused.took < 1);
  Endpoint hanging(Regime::hangs, 0, 1);
  int silent = 0;
  for (std::uint64_t id = 1; id <= 400; ++id) {
    Call one = call;
    one.id = id * 7919;
    one.prompt = 100;
    const double now = trouble_begins + static_cast<double>(id) * 4;
    const auto answer = hanging.attempt(one, 1, now, 9, false);
    hanging.finished();
    if (answer.failed != ir::Failure::Kind::silent) continue;
    ++silent;
    CHECK(answer.took == 9);
  }
  CHECK(silent > 5);
  CHECK(silent < 45);
}
