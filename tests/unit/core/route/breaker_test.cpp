#include "core/route/breaker.hpp"

#include <doctest/doctest.h>

#include "core/route/hold.hpp"
#include "core/route/in_flight.hpp"
#include "core/route/retry_budget.hpp"

using namespace tpool;
using namespace tpool::route;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const config::Routing& usual = config::default_routing;

const TimePoint start{std::chrono::hours(1000)};

void fail(Breaker& breaker, TimePoint now) {
  breaker.failed(now, breaker.began(now, usual), usual);
}

}  // namespace

TEST_CASE("three failures in a row open it, a success between them does not") {
  Breaker breaker;
  fail(breaker, start);
  fail(breaker, start);
  for (int i = 0; i < 5; ++i) breaker.succeeded(start);
  fail(breaker, start);
  CHECK_FALSE(breaker.open());
  fail(breaker, start);
  CHECK_FALSE(breaker.open());
  fail(breaker, start);
  CHECK(breaker.open());
  CHECK_FALSE(breaker.admits(start + seconds(14), usual));
}

TEST_CASE("more than half of more than three opens it too") {
  Breaker breaker;
  fail(breaker, start);
  breaker.succeeded(start);
  fail(breaker, start);
  CHECK_FALSE(breaker.open());
  breaker.succeeded(start);
  fail(breaker, start);
  CHECK(breaker.open());
  Breaker old;
  fail(old, start);
  fail(old, start);
  old.succeeded(start + minutes(2));
  fail(old, start + minutes(2));
  fail(old, start + minutes(2));
  CHECK_FALSE(old.open());
}

TEST_CASE("one probe at a time, low-stake requests first, each failure doubles the pause") {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) fail(breaker, start);
  auto now = start;
  for (const int pause : {15, 30, 60, 120, 240, 240}) {
    CHECK_FALSE(breaker.admits(now + seconds(pause) - Milliseconds(1), usual, true));
    CHECK(breaker.admits(now + seconds(pause), usual, true));
    CHECK_FALSE(breaker.admits(now + seconds(pause), usual, false));
    CHECK(breaker.ready(now, usual, true) == now + seconds(pause));
    now += seconds(pause + 2);
    CHECK(breaker.admits(now, usual));
    CHECK(breaker.ready(now, usual) <= now);
    const bool probe = breaker.began(now, usual);
    CHECK(probe);
    CHECK_FALSE(breaker.admits(now, usual, true));
    breaker.failed(now, probe, usual);
  }
  const bool probe = breaker.began(now + minutes(5), usual);
  CHECK(probe);
  breaker.succeeded(now + minutes(5));
  CHECK_FALSE(breaker.open());
  CHECK_FALSE(breaker.shaken());
}

TEST_CASE("a probe nobody reports blocks no other for long, one given up none at all") {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) fail(breaker, start);
  const auto due = start + seconds(20);
  const bool probe = breaker.began(due, usual);
  CHECK_FALSE(breaker.admits(due + seconds(59), usual));
  CHECK(breaker.admits(due + seconds(61), usual));
  breaker.abandoned(probe);
  CHECK(breaker.admits(due, usual));
}

TEST_CASE("what was under way when it opened, or had nobody else to ask, prolongs nothing") {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) fail(breaker, start);
  const auto ready = breaker.ready(start, usual);
  for (int i = 0; i < 10; ++i) fail(breaker, start + seconds(1));
  CHECK(breaker.ready(start, usual) == ready);
}

TEST_CASE("a far deadline is doubted every ten minutes, one probe at a time") {
  Bar bar;
  bar.set({"quota", "spent", start + std::chrono::hours(5)}, start, usual.probe_every);
  CHECK(bar.bars(start + minutes(9)));
  CHECK(bar.ready(start) == start + minutes(10));
  CHECK_FALSE(bar.bars(start + minutes(10)));
  bar.began(start + minutes(10));
  CHECK(bar.bars(start + minutes(10)));
  // Whatever becomes of it, the next one waits its time.
  CHECK(bar.bars(start + minutes(20) - Milliseconds(1)));
  CHECK(bar.ready(start + minutes(11)) == start + minutes(20));
  CHECK_FALSE(bar.bars(start + minutes(20)));
  bar.set({"quota", "spent", start + std::chrono::hours(5)}, start + minutes(10),
          usual.probe_every);
  CHECK(bar.bars(start + minutes(19)));
  CHECK_FALSE(bar.bars(start + minutes(20)));
  CHECK_FALSE(bar.bars(start + std::chrono::hours(5)));
}

TEST_CASE("a clock set back lets one request find out, and only where that is a way out") {
  const auto now = start + std::chrono::hours(5);
  const auto pause = Milliseconds(minutes(10));
  Bar bar;
  bar.set({"cooldown", "", now + seconds(5)}, now, pause);
  CHECK(bar.bars(now - Milliseconds(500)));
  CHECK_FALSE(bar.bars(start));
  CHECK(bar.ready(start) == start);
  bar.began(start);
  CHECK(bar.bars(start + seconds(1)));
  CHECK(bar.ready(start + seconds(1)) == start + minutes(10));
  CHECK(bar.disproved_by(start));
  Bar refused;
  refused.set({"auth", ""}, now, pause);
  CHECK(refused.bars(start));
}

TEST_CASE("a near deadline is kept to the moment, and one without an end has none") {
  Bar bar;
  bar.set({"cooldown", "", start + minutes(9)}, start, usual.probe_every);
  CHECK(bar.ready(start) == start + minutes(9));
  CHECK(bar.bars(start + minutes(9) - Milliseconds(1)));
  CHECK_FALSE(bar.bars(start + minutes(9)));
  bar.set({"auth", ""}, start, usual.probe_every);
  CHECK(bar.ready(start) == TimePoint::max());
  CHECK(bar.bars(start + std::chrono::hours(10'000)));
  CHECK_FALSE(bar.disproved_by(start - seconds(1)));
  CHECK(bar.disproved_by(start));
}

TEST_CASE("retries are a quarter of the requests and ten") {
  RetryBudget budget;
  int allowed = 0;
  for (; allowed < 100 && budget.has_room(start, usual); ++allowed) budget.spend(start);
  CHECK(allowed == 10);
  for (int i = 0; i < 40; ++i) budget.request(start);
  for (; allowed < 100 && budget.has_room(start, usual); ++allowed) budget.spend(start);
  CHECK(allowed == 20);
  CHECK(budget.has_room(start + minutes(2), usual));
}

TEST_CASE("too much at once cuts what is in flight, and successes forget it") {
  InFlight flight;
  for (int i = 0; i < 20; ++i) flight.began();
  CHECK_FALSE(flight.over());
  flight.overloaded(usual);
  CHECK(flight.limit() == doctest::Approx(14));
  CHECK(flight.over());
  for (int i = 0; i < 10; ++i) flight.ended();
  CHECK_FALSE(flight.over());
  for (int i = 0; i < 20; ++i) flight.overloaded(usual);
  CHECK(flight.limit() >= 1);
  int successes = 0;
  for (; flight.limit() > 0 && successes < 10'000; ++successes) flight.succeeded(usual);
  CHECK(successes < 2'000);
}
