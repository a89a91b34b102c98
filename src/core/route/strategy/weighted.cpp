// The classic score: shares of success, first token, speed, cache and cost, times stability, drawn
// in proportion, and now and then among all alike.
//
// Every term is 0 to 1 over the candidates; what is counted fades, nothing is for ever; what costs
// nothing is the cheapest.
#include <algorithm>
#include <cmath>

#include "core/route/strategy.hpp"

namespace tpool::route {
namespace {

struct Bounds {
  double low = 0;
  double high = 0;
  void take(double value, bool first) {
    low = first ? value : std::min(low, value);
    high = first ? value : std::max(high, value);
  }
  // 1 for the low end, 0 for the high one; alike is 1.
  double lower_is_better(double value) const {
    return high > low ? (high - value) / (high - low) : 1.0;
  }
  double higher_is_better(double value) const {
    return high > low ? (value - low) / (high - low) : 1.0;
  }
};

struct Facts {
  double first_token = 0;
  double speed = 0;
  double cost = 0;
};

Facts facts_of(const Contender& one, const Decision& decision) {
  return {one.belief->latency.value(decision.now),
          one.belief->tokens_per_second.value(decision.now),
          one.price.known ? service_cost(one, decision, one.held).dollars : -1.0};
}

}  // namespace

void weighted(std::span<Contender> contenders, const Decision& decision) {
  Bounds first_token, speed, cost;
  bool first = true;
  bool first_price = true;
  for (const auto& one : contenders) {
    const auto facts = facts_of(one, decision);
    first_token.take(facts.first_token, first);
    speed.take(facts.speed, first);
    first = false;
    if (facts.cost < 0) continue;
    cost.take(facts.cost, first_price);
    first_price = false;
  }
  const auto& share = decision.routing;
  Random random(decision.seed);
  const bool explores = random.uniform() < decision.routing.weighted_exploration;
  for (auto& one : contenders) {
    const auto facts = facts_of(one, decision);
    const double fails = one.belief->failures.mean(decision.now, decision.routing);
    const double success = 1.0 - fails;
    const double cache =
        decision.prompt_tokens > 0 ? std::min(1.0, one.held / decision.prompt_tokens) : 0.0;
    const double cheap = facts.cost < 0 ? 0.5 : cost.lower_is_better(facts.cost);
    // Full while failures are rare, falling fast once they are not.
    const double stability = 1.0 / (1.0 + 4.0 * std::max(0.0, fails - 0.05));
    const double score =
        stability *
        (share.weighted_success * success +
         share.weighted_first_token * first_token.lower_is_better(facts.first_token) +
         share.weighted_speed * speed.higher_is_better(facts.speed) + share.weighted_cache * cache +
         share.weighted_cost * cheap) *
        std::max(0.0, one.weight);
    // The smallest of exponential draws with these rates is a draw in proportion to them.
    const double rate = explores ? 1.0 : std::max(1e-9, score);
    one.score = random.exponential(1.0) / rate;
    one.terms.clear();
    one.terms.add("success", success);
    one.terms.add("first_token", first_token.lower_is_better(facts.first_token));
    one.terms.add("speed", speed.higher_is_better(facts.speed));
    one.terms.add("cache", cache);
    one.terms.add("cost", cheap);
    one.terms.add("stability", stability);
    one.terms.add("weighted", score);
    one.terms.add("explored", explores ? 1 : 0);
  }
}

}  // namespace tpool::route
