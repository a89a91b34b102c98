#include "core/route/strategy.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace tpool;
using namespace tpool::route;

namespace {

constexpr double start = 1'000'000;

TimePoint at(double second) {
  return TimePoint(
      std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(second)));
}

// A candidate that has answered like this for a while.
void teach(Beliefs& beliefs, std::uint64_t id, double first_token, double speed, int failures = 0) {
  for (int i = 0; i < 40; ++i) {
    Outcome outcome;
    outcome.prompt_tokens = 2000;
    outcome.first_token_s = first_token;
    outcome.output_tokens = 400;
    outcome.total_s = first_token + 400 / speed;
    beliefs.started(id, static_cast<std::uint64_t>(i));
    beliefs.ended(id, outcome, at(start - 40 + i), config::default_routing);
  }
  for (int i = 0; i < failures; ++i) {
    Outcome outcome;
    outcome.failed = true;
    outcome.total_s = 2;
    beliefs.started(id, 40);
    beliefs.ended(id, outcome, at(start), config::default_routing);
  }
}

Price price(double input, double cached, double output) {
  return price_of(config::Cost{input, output, cached, std::nullopt});
}

struct Bench {
  Beliefs beliefs = {};
  std::vector<Contender> contenders = {};
  Decision decision{40'000, 400, stakes(Profile::balanced, Class::interactive), start, 1};

  Contender& add(std::uint64_t id, Price its_price) {
    Contender one;
    one.id = id;
    one.price = its_price;
    contenders.push_back(one);
    return contenders.back();
  }
  std::uint64_t first(Strategy strategy) {
    for (auto& one : contenders) one.belief = &beliefs.of(one.id);
    std::vector<std::uint32_t> order(contenders.size());
    rank(strategy, contenders, decision, order);
    return contenders[order[0]].id;
  }
};

}  // namespace

TEST_CASE("names of strategies and profiles are those of the store") {
  for (const auto* name :
       {"priced-affinity", "priority", "round-robin", "least-latency", "weighted"})
    CHECK(to_string(*parse_strategy(name)) == name);
  for (const auto* name : {"balanced", "fast", "cheap"})
    CHECK(to_string(*parse_profile(name)) == name);
  CHECK_FALSE(parse_strategy("best").has_value());
  CHECK_FALSE(parse_profile("").has_value());
}

TEST_CASE("a warm cache is worth a price, not more than that") {
  Bench bench;
  teach(bench.beliefs, 1, 1, 60);
  teach(bench.beliefs, 2, 1, 60);
  bench.add(1, price(3, 0.3, 15));
  bench.add(2, price(3, 0.3, 15)).held = 38'000;
  CHECK(bench.first(Strategy::priced_affinity) == 2);
  // Twice the price for everything outweighs one cold call spread over eight.
  bench.contenders[1].price = price(9, 0.9, 45);
  CHECK(bench.first(Strategy::priced_affinity) == 1);
}

TEST_CASE("profiles weigh the same seconds differently") {
  Bench bench;
  teach(bench.beliefs, 1, 0.5, 100);
  teach(bench.beliefs, 2, 4, 25);
  bench.add(1, price(3, 0.3, 15));
  bench.add(2, price(0.2, 0.02, 0.4));
  bench.decision.stakes = stakes(Profile::fast, Class::interactive);
  CHECK(bench.first(Strategy::priced_affinity) == 1);
  bench.decision.stakes = stakes(Profile::cheap, Class::interactive);
  CHECK(bench.first(Strategy::priced_affinity) == 2);
  CHECK(stakes(Profile::fast, Class::background).usd_per_second == doctest::Approx(0.002));
  CHECK(stakes(Profile::fast, Class::background).horizon == 1);
}

TEST_CASE("what fails often is left, warm or not, and a full pace costs what it delays") {
  Bench bench;
  teach(bench.beliefs, 1, 1, 60);
  teach(bench.beliefs, 2, 1, 60, 6);
  bench.add(1, price(3, 0.3, 15)).held = 12'000;
  bench.add(2, price(3, 0.3, 15)).held = 16'000;
  CHECK(bench.first(Strategy::priced_affinity) == 1);
  bench.contenders[0].ready_in = 60;
  CHECK(bench.first(Strategy::priced_affinity) == 2);
  CHECK(*bench.contenders[0].terms.find("wait_usd") == doctest::Approx(3 * 60 * 0.005));
}

TEST_CASE("an unknown price is taken for the median and said to be unknown; free is known") {
  Bench bench;
  for (std::uint64_t id = 1; id <= 3; ++id) teach(bench.beliefs, id, 1, 60);
  bench.add(1, price(9, 0.9, 45));
  bench.add(2, price_of({}));
  bench.add(3, price(0, 0, 0));
  bench.add(4, price(1, 0.1, 5));
  teach(bench.beliefs, 4, 1, 60);
  CHECK(bench.first(Strategy::priced_affinity) == 3);
  const auto& terms = bench.contenders[1].terms;
  CHECK(*terms.find("price_known") == 0);
  CHECK(*bench.contenders[2].terms.find("price_known") == 1);
  CHECK(bench.contenders[1].score == doctest::Approx(bench.contenders[3].score).epsilon(0.05));
  CHECK_FALSE(price_of(config::Cost{.input = 1.0}).known);
}

TEST_CASE("the same decision is made twice the same way, another seed may draw another") {
  Bench bench;
  for (std::uint64_t id = 1; id <= 6; ++id) {
    teach(bench.beliefs, id, 1, 60);
    bench.add(id, price(1, 0.1, 5));
  }
  const auto once = bench.first(Strategy::weighted);
  CHECK(bench.first(Strategy::weighted) == once);
  std::map<std::uint64_t, int> drawn;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    bench.decision.seed = mix(seed);
    ++drawn[bench.first(Strategy::weighted)];
  }
  CHECK(drawn.size() == 6);
}

TEST_CASE("weighted prefers the better one, and still now and then tries every other") {
  Bench bench;
  teach(bench.beliefs, 1, 0.5, 100);
  teach(bench.beliefs, 2, 5, 15, 8);
  bench.add(1, price(0, 0, 0)).held = 38'000;
  bench.add(2, price(9, 0.9, 45));
  int better = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    bench.decision.seed = mix(seed);
    better += bench.first(Strategy::weighted) == 1;
  }
  CHECK(better > 800);
  CHECK(better < 1000);
}

TEST_CASE("round-robin takes who waited longest, least-latency who answers soonest") {
  Bench bench;
  teach(bench.beliefs, 1, 2, 60);
  teach(bench.beliefs, 2, 1, 60);
  teach(bench.beliefs, 3, 1, 20);
  for (std::uint64_t id = 1; id <= 3; ++id) bench.add(id, price(1, 0.1, 5));
  CHECK(bench.first(Strategy::least_latency) == 2);
  std::vector<std::uint64_t> turns;
  for (std::uint64_t turn = 100; turn < 106; ++turn) {
    turns.push_back(bench.first(Strategy::round_robin));
    bench.beliefs.started(turns.back(), turn);
  }
  CHECK(turns == std::vector<std::uint64_t>{1, 2, 3, 1, 2, 3});
}

TEST_CASE("at equal scores relay goes before translation, then the order given") {
  Bench bench;
  bench.add(1, {}).lane = Lane::translate;
  bench.add(2, {}).lane = Lane::relay;
  bench.add(3, {}).lane = Lane::relay;
  CHECK(bench.first(Strategy::priority) == 2);
  CHECK(bench.first(Strategy::priced_affinity) == 2);
}

TEST_CASE("the limit for the first content follows what is believed, within 8 and 60 seconds") {
  Beliefs beliefs;
  teach(beliefs, 1, 0.2, 60);
  teach(beliefs, 2, 5, 60);
  teach(beliefs, 3, 40, 60);
  CHECK(first_content_limit(beliefs.of(1), 0, start, config::default_routing) == 8);
  CHECK(first_content_limit(beliefs.of(2), 2000, start, config::default_routing) ==
        doctest::Approx(23).epsilon(0.15));
  CHECK(first_content_limit(beliefs.of(3), 2000, start, config::default_routing) == 60);
}
