// The shortest expected time to a whole answer, from what was measured lately.
#include "core/route/strategy.hpp"

#include <algorithm>

namespace tpool::route {

void least_latency(std::span<Contender> contenders, const Decision& decision) {
  for (auto& one : contenders) {
    const auto& belief = *one.belief;
    const double first = belief.latency.value(decision.now);
    const double answer =
        decision.output_tokens / std::max(1.0, belief.tokens_per_second.value(decision.now));
    const double fails = belief.failures.mean(decision.now, decision.routing);
    const double recovery =
        fails / (1.0 - std::min(0.99, fails)) * belief.recovery.value(decision.now);
    one.score = first + answer + recovery;
    one.terms.clear();
    one.terms.add("first_token_s", first);
    one.terms.add("answer_s", answer);
    one.terms.add("recovery_s", recovery);
  }
}

}  // namespace tpool::route
