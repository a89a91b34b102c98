#include "core/route/strategy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace tpool::route {
namespace {

constexpr std::array<std::string_view, 5> names{"priced-affinity", "priority", "round-robin",
                                                "least-latency", "weighted"};
constexpr std::array<void (*)(std::span<Contender>, const Decision&), 5> scorers{
    priced_affinity, priority, round_robin, least_latency, weighted};

}  // namespace

std::string_view to_string(Strategy strategy) { return names[static_cast<std::size_t>(strategy)]; }

std::optional<Strategy> parse_strategy(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<Strategy>(i);
  return std::nullopt;
}

Price price_of(const config::Cost& cost) {
  if (!cost.input || !cost.output) return {};
  const double input = *cost.input / 1e6;
  return {input, cost.cache_read.value_or(*cost.input) / 1e6,
          cost.cache_write ? std::max(0.0, *cost.cache_write / 1e6 - input) : 0.0,
          *cost.output / 1e6, true};
}

void rank(Strategy strategy, std::span<Contender> contenders, const Decision& decision,
          std::span<std::uint32_t> order) {
  scorers[static_cast<std::size_t>(strategy)](contenders, decision);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const auto& one = contenders[a];
    const auto& other = contenders[b];
    if (one.score != other.score) return one.score < other.score;
    if (one.lane != other.lane) return one.lane == Lane::relay;
    return a < b;
  });
}

ServiceCost service_cost(const Contender& contender, const Decision& decision, double cached) {
  const auto& price = contender.price;
  const auto& belief = *contender.belief;
  const double fresh = std::max(0.0, decision.prompt_tokens - cached);
  ServiceCost cost;
  cost.dollars = (price.input + price.write) * fresh + price.cached * cached +
                 price.output * decision.output_tokens;
  cost.first_token_s =
      belief.first_token.predict(fresh / 1000.0, belief.in_flight, decision.now, decision.routing);
  cost.answer_s =
      decision.output_tokens / std::max(1.0, belief.tokens_per_second.value(decision.now));
  cost.total = cost.dollars + decision.stakes.usd_per_second * (cost.first_token_s + cost.answer_s);
  return cost;
}

double first_content_limit(const Belief& belief, double uncached_tokens, double now,
                           const config::Routing& routing) {
  const double expected =
      belief.first_token.predict(uncached_tokens / 1000.0, belief.in_flight, now, routing);
  return std::clamp(routing.content_factor * expected + config::in_seconds(routing.content_extra),
                    config::in_seconds(routing.content_least),
                    config::in_seconds(routing.content_most));
}

}  // namespace tpool::route
