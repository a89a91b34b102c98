// The default: the lowest cost to serve, with waiting priced and a cold cache spread over the calls
// still expected. Stickiness is a price, never a pin.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/route/strategy.hpp"

namespace tpool::route {
namespace {

// Who waits for a used-up limit takes the place of the next one, who then waits too.
constexpr double crowding = 3;

// An unknown price is taken for the median of the known ones; without any, price plays no part.
Price median_price(std::span<const Contender> contenders) {
  constexpr std::size_t most = 64;  // of a longer list the first are sample enough
  const auto median = [&](double Price::*kind) {
    std::array<double, most> known{};
    std::size_t size = 0;
    for (const auto& one : contenders)
      if (one.price.known && size < most) known[size++] = one.price.*kind;
    if (size == 0) return 0.0;
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(size / 2);
    std::nth_element(known.begin(), middle, known.begin() + static_cast<std::ptrdiff_t>(size));
    return *middle;
  };
  return {median(&Price::input), median(&Price::cached), median(&Price::write),
          median(&Price::output), false};
}

}  // namespace

void priced_affinity(std::span<Contender> contenders, const Decision& decision) {
  double held = 0;
  bool all_known = true;
  for (const auto& one : contenders) {
    held = std::max(held, one.held);
    all_known = all_known && one.price.known;
  }
  const bool warm_somewhere = held >= static_cast<double>(decision.routing.least_cached_tokens);
  const Price median = all_known ? Price{} : median_price(contenders);
  // After one call anywhere, the next finds there what the warmest has today.
  const double warm = warm_somewhere ? held : decision.prompt_tokens;
  Random random(decision.seed);
  for (auto& one : contenders) {
    const bool known = one.price.known;
    if (!known) one.price = median;
    const auto& belief = *one.belief;
    const double hit = belief.hit.value(decision.now);
    const auto today = service_cost(one, decision, one.held * hit);
    const auto later = service_cost(one, decision, warm * hit);
    // Cold everywhere: who is doubted gets a chance now and then. Nobody tried yet: the order
    // given.
    const double fails = warm_somewhere || !belief.failures.known()
                             ? belief.failures.mean(decision.now, decision.routing)
                             : belief.failures.draw(random, decision.now, decision.routing);
    const double wasted =
        (one.price.input + one.price.write) * (decision.prompt_tokens - one.held * hit) +
        one.price.cached * one.held * hit;
    const double failure =
        fails * (decision.stakes.usd_per_second * belief.recovery.value(decision.now) + wasted);
    const double switching = (today.total - later.total) / decision.stakes.horizon;
    const double waiting = crowding * decision.stakes.usd_per_second * one.ready_in;
    one.score = later.total + switching + failure + waiting;
    one.terms.clear();
    one.terms.add("cached_tokens", one.held * hit);
    one.terms.add("price_known", known ? 1 : 0);
    one.terms.add("warm_usd", later.dollars);
    one.terms.add("first_token_s", today.first_token_s);
    one.terms.add("answer_s", today.answer_s);
    one.terms.add("time_usd", later.total - later.dollars);
    one.terms.add("switch_usd", switching);
    one.terms.add("failure_share", fails);
    one.terms.add("failure_usd", failure);
    one.terms.add("wait_usd", waiting);
  }
}

}  // namespace tpool::route
