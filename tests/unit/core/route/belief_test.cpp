#include "core/route/belief.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace tpool;
using namespace tpool::route;

namespace {

const config::Routing& usual = config::default_routing;

constexpr double start = 1'000'000;

TimePoint at(double second) {
  return TimePoint(
      std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(second)));
}

Outcome answered(double first_token, double speed) {
  Outcome outcome;
  outcome.prompt_tokens = 4000;
  outcome.first_token_s = first_token;
  outcome.output_tokens = 300;
  outcome.total_s = first_token + 300 / speed;
  return outcome;
}

}  // namespace

TEST_CASE("the first token is believed to take what the prompt and the load explain") {
  FirstToken belief;
  double now = start;
  CHECK(belief.predict(10, 0, now, usual) == doctest::Approx(1.5 + 1.2));
  Random random(3);
  for (int i = 0; i < 200; ++i, now += 5) {
    const double ktok = random.uniform() * 20;
    const double load = std::floor(random.uniform() * 6);
    belief.learn(ktok, load, 0.6 + 0.25 * ktok + 0.3 * load, now, usual);
  }
  CHECK(belief.predict(10, 2, now, usual) == doctest::Approx(0.6 + 2.5 + 0.6).epsilon(0.1));
  CHECK(belief.predict(0, 0, now, usual) == doctest::Approx(0.6).epsilon(0.3));
}

TEST_CASE("one absurd measurement does not undo a hundred") {
  FirstToken belief;
  for (int i = 0; i < 100; ++i) belief.learn(1, 0, 1.0, start + i, usual);
  const double before = belief.predict(1, 0, start + 100, usual);
  belief.learn(1, 0, 600, start + 100, usual);
  CHECK(belief.predict(1, 0, start + 101, usual) < before * 20);
  for (int i = 0; i < 60; ++i) belief.learn(1, 0, 1.0, start + 102 + i, usual);
  CHECK(belief.predict(1, 0, start + 170, usual) == doctest::Approx(1.0).epsilon(0.3));
}

TEST_CASE("no belief is for ever: what nobody renews returns to its prior") {
  Beliefs beliefs;
  for (int i = 0; i < 50; ++i) {
    beliefs.started(1, 1);
    auto slow = answered(30, 2);
    slow.reported_cached = 0;
    slow.predicted_cached = 4000;
    beliefs.ended(1, slow, at(start + i), usual);
  }
  const auto& belief = beliefs.of(1);
  const double soon = start + 51, later = start + 4 * 3600;
  CHECK(belief.latency.value(soon) > 25);
  CHECK(belief.tokens_per_second.value(soon) < 5);
  CHECK(belief.hit.value(soon) < 0.01);
  CHECK(belief.latency.value(later) == doctest::Approx(1).epsilon(0.1));
  CHECK(belief.tokens_per_second.value(later) == doctest::Approx(85).epsilon(0.1));
  CHECK(belief.hit.value(later) == doctest::Approx(1).epsilon(0.1));
  CHECK(belief.first_token.predict(4, 0, later, usual) == doctest::Approx(1.98).epsilon(0.1));
}

TEST_CASE("failures count for as long as they are fresh, and only a provider's own") {
  Beliefs beliefs;
  const auto end = [&](bool failed, bool counted, double when) {
    Outcome outcome;
    outcome.failed = failed;
    outcome.counted = counted;
    beliefs.started(1, 1);
    beliefs.ended(1, outcome, at(when), usual);
  };
  const double prior = beliefs.of(1).failures.mean(start, usual);
  CHECK(prior == doctest::Approx(0.15 / 6.15));
  end(true, false, start);
  CHECK(beliefs.of(1).failures.mean(start, usual) == doctest::Approx(prior));
  for (int i = 0; i < 3; ++i) end(true, true, start);
  CHECK(beliefs.of(1).failures.mean(start, usual) > 0.3);
  CHECK(beliefs.of(1).failures.mean(start + 90, usual) < 0.25);
  CHECK(beliefs.of(1).failures.mean(start + 3600, usual) == doctest::Approx(prior));
}

TEST_CASE("what runs is counted, and an unknown candidate is believed to be idle") {
  Beliefs beliefs;
  CHECK(beliefs.of(9).in_flight == 0);
  beliefs.started(1, 4);
  beliefs.started(1, 5);
  CHECK(beliefs.of(1).in_flight == 2);
  CHECK(beliefs.of(1).last_turn == 5);
  beliefs.ended(1, answered(1, 50), at(start), usual);
  CHECK(beliefs.of(1).in_flight == 1);
}

TEST_CASE("memory of candidates is bounded, and what runs is never forgotten") {
  Beliefs beliefs;
  beliefs.started(1, 1);
  for (std::uint64_t i = 2; i < 20'000; ++i) {
    beliefs.started(i, i);
    beliefs.ended(i, answered(1, 50), at(start), usual);
  }
  CHECK(beliefs.size() <= 4097);
  CHECK(beliefs.of(1).in_flight == 1);
}
