#include "core/sim/verdict.hpp"

#include <doctest/doctest.h>

#include <array>
#include <span>

using namespace tpool;
using namespace tpool::sim;

namespace {

std::vector<Played> play(const Contestant& subject, std::span<const Regime> through) {
  constexpr std::uint64_t seed = 1001;
  std::vector<Played> all;
  for (const auto profile : {route::Profile::balanced, route::Profile::fast, route::Profile::cheap})
    for (const auto regime : through) {
      Played one{{seed, profile, regime}, run(seed, regime, profile, subject), {}};
      for (const auto& rival : rivals()) one.rivals.push_back(run(seed, regime, profile, rival));
      all.push_back(std::move(one));
    }
  return all;
}

const std::vector<Played>& shipped() {
  static const auto played = play({}, regimes);
  return played;
}

}  // namespace

TEST_CASE("priced affinity holds every bar of the gate table on a seed it was not tuned with") {
  for (const auto& gate : gates(shipped())) {
    CAPTURE(gate.name);
    CAPTURE(gate.value);
    CHECK(gate.holds());
  }
  CHECK(cells(shipped()).size() == 27);
}

TEST_CASE("the bars are no formality: round-robin fails most of them") {
  constexpr std::array few{Regime::steady, Regime::storm};
  const auto played = play({Contestant::Kind::shipped, route::Strategy::round_robin}, few);
  int failed = 0;
  for (const auto& gate : gates(played)) failed += !gate.holds();
  CHECK(failed >= 6);
  const auto lost = losing_cases(played);
  REQUIRE_FALSE(lost.empty());
  CHECK(lost.front().by >= lost.back().by);
}

TEST_CASE("nobody beats the oracle by much, so that regret means something") {
  for (const auto& one : shipped())
    for (std::size_t i = 1; i < one.rivals.size(); ++i) {
      CAPTURE(to_string(one.where.regime));
      CAPTURE(rivals()[i].name());
      CHECK(one.regret(one.rivals[i]) > -0.10);
    }
}
