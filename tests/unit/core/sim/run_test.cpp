#include "core/sim/run.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/sim/endpoint.hpp"
#include "core/sim/line.hpp"

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

TEST_CASE("no deployment runs more at once than its limit, and what is too much waits") {
  for (const auto regime : {Regime::steady, Regime::outage, Regime::storm}) {
    CAPTURE(to_string(regime));
    const auto tally = run(3, regime, route::Profile::balanced, {}, {1});
    CHECK(tally.most_at_once == 1);
    CHECK(tally.queued > 100);
    CHECK(tally.calls == tally.served + tally.cut + tally.unserved);
    const auto wide = run(3, regime, route::Profile::balanced, {}, {1000});
    CHECK(wide.most_at_once > 1);
    CHECK(wide.queued == 0);
    CHECK(tally.seconds > wide.seconds);
  }
  const Contestant baseline{Contestant::Kind::baseline, route::Strategy::round_robin};
  CHECK(run(3, Regime::steady, route::Profile::balanced, baseline, {1}).most_at_once > 1);
}

TEST_CASE("a slot goes to who came first, at the moment it is released in simulated time") {
  route::Deployments deployments;
  auto& one = deployments.at({"a", "", "m"});
  auto& other = deployments.at({"b", "", "m"});
  for (auto* each : {&one, &other}) {
    each->slots.set_limit(1, at(0));
    REQUIRE(each->slots.try_take());
  }
  const std::vector<route::Slots*> both{&one.slots, &other.slots};
  const std::vector<route::Slots*> second{&other.slots};
  Line line(deployments);
  std::vector<std::shared_ptr<Job>> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(std::make_shared<Job>());
  jobs[1]->envelope.request_class = route::Class::background;
  const auto called = [&] {
    std::vector<std::size_t> numbers;
    for (const auto& each : line.called())
      numbers.push_back(static_cast<std::size_t>(std::ranges::find(jobs, each.job) - jobs.begin()));
    return numbers;
  };
  using Numbers = std::vector<std::size_t>;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    REQUIRE(line.stand(jobs[i], i == 0 ? second : both, static_cast<double>(i + 1)));
  CHECK(called().empty());
  // The first one does not stand at `one`, and the background one lets others pass.
  one.slots.release(at(10));
  CHECK(called() == Numbers{2});
  CHECK_FALSE(one.slots.room());
  other.slots.release(at(11));
  other.slots.release(at(12));
  CHECK(called() == Numbers{0, 3});
  CHECK(line.give_up(*jobs[1], 121));
  CHECK_FALSE(line.give_up(*jobs[1], 121));
  one.slots.release(at(122));
  CHECK(called() == Numbers{4});
  CHECK(one.slots.counts().in_use + other.slots.counts().in_use == 2);
  CHECK(one.slots.counts().timeouts_total + other.slots.counts().timeouts_total == 1);
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
