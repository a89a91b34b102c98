// In turn: who was chosen longest ago goes first, whatever comes and goes between.
#include "core/route/strategy.hpp"

namespace tpool::route {

void round_robin(std::span<Contender> contenders, const Decision&) {
  for (auto& one : contenders) {
    one.score = static_cast<double>(one.belief->last_turn);
    one.terms.clear();
    one.terms.add("last_turn", one.score);
  }
}

}  // namespace tpool::route
